// Runs before the first paint, so that a chosen theme does not flash the other one first.
(() => {
  try {
    const theme = localStorage.getItem('pocketllm.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // No storage: the system's theme it is.
  }
})();
