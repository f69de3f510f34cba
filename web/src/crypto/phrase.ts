import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import type { Bytes } from "./bytes";

/** 32 random bytes as 24 words of the English BIP-39 list, the last of which holds a checksum. The BIP-39 seed is not used. */
export const wordsOf = (recovery: Uint8Array): string[] => entropyToMnemonic(recovery, wordlist).split(" ");

/** The bytes, or null where the words are not such a phrase. Case and spacing do not matter. The caller wipes them. */
export function recoveryOf(words: string): Bytes | null {
  const phrase = words.normalize("NFKD").trim().toLowerCase().split(/\s+/);
  if (phrase.length !== 24) return null;
  try {
    return mnemonicToEntropy(phrase.join(" "), wordlist) as Bytes;
  } catch {
    return null;
  }
}

/** The words that are not in the list, by their place from 0: what a screen marks. */
export const unknownWords = (words: readonly string[]): number[] =>
  words.flatMap((word, place) => (wordlist.includes(word.trim().toLowerCase()) ? [] : [place]));
