import { serveSqlite } from './serve-sqlite.ts';

/** Entry of the thread that owns the embedded store. */
serveSqlite();
