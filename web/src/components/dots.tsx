/** Something is under way. */
export function Dots() {
  return (
    <span className="breathe inline-flex gap-1 align-middle" aria-hidden>
      <span className="size-1.5 rounded-full bg-current" />
      <span className="size-1.5 rounded-full bg-current" />
      <span className="size-1.5 rounded-full bg-current" />
    </span>
  );
}
