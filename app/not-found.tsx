export default function NotFound() {
  return (
    <main className="mx-auto max-w-md px-4 py-24 text-center">
      <h1 className="text-20 font-semibold">Page not found</h1>
      <p className="mt-2 text-muted">
        <a href="/" className="text-primary underline">
          Go to the console
        </a>
      </p>
    </main>
  );
}
