import { createElement, lazy, Suspense, type ReactNode } from "react";

/** What few people open, and nobody at once: in chunks of their own. */
export const StartDialog = lazy(async () => ({ default: (await import("./StartDialog")).StartDialog }));
export const SetUpDialog = lazy(async () => ({ default: (await import("./SetUpDialog")).SetUpDialog }));
export const BackupDialog = lazy(async () => ({ default: (await import("./BackupDialog")).BackupDialog }));
export const UnlockDialog = lazy(async () => ({ default: (await import("./UnlockDialog")).UnlockDialog }));
export const EncryptedScreen = lazy(async () => ({ default: (await import("./EncryptedScreen")).EncryptedScreen }));

export const Later = ({ children, meanwhile = null }: { readonly children: ReactNode; readonly meanwhile?: ReactNode }): ReactNode =>
  createElement(Suspense, { fallback: meanwhile }, children);
