/** What the thread does for its messages; stays the same object. */
export interface PlaceInThread {
  /** Opens a question for editing; null closes it. */
  edit(messageId: string | null): void;
  /** The end is about to be another one, and is to be seen. */
  follow(): void;
  /** What follows this message is about to be something else: the view stays where it is. */
  hold(): void;
}
