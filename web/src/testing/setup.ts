import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/dom";

// As vitest.config.ts: a limit is for what never comes, not for what a busy machine is late with.
configure({ asyncUtilTimeout: 20_000 });
