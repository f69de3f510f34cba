import { BrowserSafe } from "./BrowserSafe";
import { serve } from "./channel";
import { Engine } from "./Engine";

// The worker's name is the account that it works for.
serve(BrowserSafe.open(self.name).then((safe) => new Engine(safe)), self);
