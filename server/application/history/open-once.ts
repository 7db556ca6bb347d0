/** Something that is opened when it is first asked for. */
export interface OpenOnce<T> {
  get(): Promise<T>;
  /** What was opened, for its owner to close; null if nothing is. The next request opens it again. */
  take(): Promise<T> | null;
}

/** Opens once, however many ask. An opening that fails is forgotten: the next caller tries again. */
export function openOnce<T>(open: () => Promise<T>): OpenOnce<T> {
  let opened: Promise<T> | null = null;
  return {
    get() {
      if (opened !== null) return opened;
      const opening = open();
      opened = opening;
      opening.catch(() => {
        if (opened === opening) opened = null;
      });
      return opening;
    },
    take() {
      const taken = opened;
      opened = null;
      return taken;
    },
  };
}
