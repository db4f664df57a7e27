import { favouritesCollection } from './favourite-record.ts';
import { foldersCollection } from './folder-record.ts';
import { promptsCollection } from './prompt-record.ts';

/** What a person keeps besides conversations. */
export const libraryCollections = [foldersCollection, promptsCollection, favouritesCollection];
