/** Where messages will be; seen only when they take long. */
export function ThreadSkeleton() {
  return (
    <div className="appear-late mx-auto w-full max-w-3xl flex-1 space-y-6 px-6 pt-8" role="status" aria-label="Loading">
      <div className="ml-auto h-11 w-2/5 rounded-2xl bg-sunken" />
      <div className="space-y-3">
        <div className="h-4 w-11/12 rounded bg-sunken" />
        <div className="h-4 w-4/5 rounded bg-sunken" />
        <div className="h-4 w-3/5 rounded bg-sunken" />
      </div>
    </div>
  );
}
