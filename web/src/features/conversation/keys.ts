import type { KeyboardEvent } from "react";

/** While an input method composes, its keys are its own: Enter picks a candidate. Some report it by the key code only. */
export const isComposing = (event: KeyboardEvent): boolean => event.nativeEvent.isComposing || event.keyCode === 229;

/** Whether this key is meant to send: on a touch screen Enter is the only way to begin a new line. */
export const sends = (event: KeyboardEvent): boolean => event.key === "Enter" && !event.shiftKey && !matchMedia("(pointer: coarse)").matches;
