export default function NotFound() {
  return (
    <main className="mx-auto max-w-md px-4 py-24 text-center">
      <h1 className="text-20 font-semibold">There is no such page</h1>
      <p className="mt-2 text-muted">
        <a href="/" className="text-primary underline">
          To the console
        </a>
      </p>
    </main>
  );
}
