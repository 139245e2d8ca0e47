/** A uniform number in [0, 1), as Math.random gives; simulated worlds seed it. */
export type Random = () => number;
