interface Surroundings {
  /** Whether the portal answers at all. */
  isReached: () => Promise<boolean>;
  /** Loads the page anew; false where that was done moments ago already. */
  reload: () => boolean;
  pause: (ms: number) => Promise<void>;
}

const againMs = 2_000;

/**
 * Loads a part of the app. Where the portal is away the part is waited for; where the portal is there and the part is not, as after
 * an update of the portal under an open page, the page is loaded anew and this never resolves. Throws where not even that helped.
 */
export async function loadPart<Part>(
  load: () => Promise<Part>,
  { isReached, reload, pause }: Surroundings = browser,
): Promise<Part> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await isReached()) {
        if (reload()) return new Promise<never>(() => {});
        throw error;
      }
      await pause(againMs);
    }
  }
}

const reloadedKey = 'pocketllm.reloaded';
const momentsMs = 30_000;

const browser: Surroundings = {
  isReached: () =>
    fetch('/health', { cache: 'no-store' }).then(
      ({ ok }) => ok,
      () => false,
    ),
  reload() {
    try {
      if (Date.now() - Number(sessionStorage.getItem(reloadedKey)) < momentsMs) return false;
      sessionStorage.setItem(reloadedKey, String(Date.now()));
    } catch {
      // Without a memory nobody could tell a second time from a first.
      return false;
    }
    location.reload();
    return true;
  },
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
