// Documentation of one keyword or option. The compiler refuses an entry without a sentence.

/** Text that ends with a full stop. */
export type Sentence = `${string}.`;
