/** Whether a dialog lies over the page. The sidebar's own does not count: it is a part of the page that found no room. */
export const isDialogOpen = (): boolean => document.querySelector('[data-dialog]:not([data-dialog="side"])') !== null;

/** Whether a dialog holds what would be lost if another took its place. */
export const isDialogUnsaved = (): boolean => document.querySelector('[data-unsaved]') !== null;
