import fc from "fast-check";

/** The same histories in every run, as those of the .NET tests: UNITED_SEED asks for others, a number or "random". */
const seed = process.env["UNITED_SEED"] ?? "1";
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });

export default fc;
