import { createRoot } from "react-dom/client";
import "../ui/tokens.css";
import "../ui/base.css";
import { AppContext } from "../features/app";
import { App } from "./App";
import { start } from "./start";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no root");
createRoot(root).render(
  <AppContext value={start()}>
    <App />
  </AppContext>,
);
