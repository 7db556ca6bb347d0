// Takes the place of the module `server-only`, whose one purpose is to make a browser build fail.
export {};
