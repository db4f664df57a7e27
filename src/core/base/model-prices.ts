/** What tokens cost from a day on, in US dollars per million. */
export interface ModelPrice {
  /** First day (UTC, ISO 8601) on which it holds. */
  readonly from: string;
  readonly input: number;
  /** Of thoughts too. */
  readonly output: number;
  /** Of input that the service had in its cache; absent: like any input. */
  readonly cachedInput?: number;
  /** Of the tokens that a picture takes; absent: like any output. */
  readonly imageOutput?: number;
  /** In place of `input` and `output` for a request of more than `over` input tokens. */
  readonly long?: { readonly over: number; readonly input: number; readonly output: number };
}

/** The prices of one model. The newest entry whose first day has come holds. */
export interface ModelPrices {
  /** The day (UTC, ISO 8601) on which the table was made. */
  readonly of: string;
  /** Oldest first, at least one. */
  readonly entries: readonly ModelPrice[];
}
