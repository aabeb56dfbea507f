// How does a list look over HTTP, and who or what is marked in it? Snake case everywhere here: the wire contract of Polyaxon 0.5, and ours beside it.

/** Every list: 20 a page unless `limit` says otherwise. */
export interface Page<Item> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly Item[];
}

export interface UserBody {
  readonly username: string;
  readonly email: string | null;
  readonly is_superuser: boolean;
}

export interface BookmarkBody<Marked> {
  readonly content_object: Marked;
}
