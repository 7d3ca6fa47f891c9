/** From a signed `workflow_job` to a machine, on what was really applied. The chapters build on each other. */
import { apply } from "./chapters/apply";
import { badDay } from "./chapters/bad-day";
import { batch } from "./chapters/batch";
import { destroy } from "./chapters/destroy";
import { firstSecret } from "./chapters/first-secret";
import { newAddress } from "./chapters/new-address";
import { oneJob } from "./chapters/one-job";
import { rights } from "./chapters/rights";
import { secretRotation } from "./chapters/secret-rotation";
import { sweep } from "./chapters/sweep";
import { tokens } from "./chapters/tokens";
import { inventoryOf, type Inventory } from "./inventory";
import { World } from "./world";

let world: World;
let before: Inventory;

beforeAll(async () => {
  world = await World.start();
  before = await inventoryOf(world.moto);
});

afterAll(async () => {
  process.stdout.write(world.figures.report(world.lambda.invocations));
  await world.stop();
});

apply(() => world);
firstSecret(() => world);
oneJob(() => world);
batch(() => world);
tokens(() => world);
badDay(() => world);
sweep(() => world);
rights(() => world);
newAddress(() => world);
secretRotation(() => world);
destroy(
  () => world,
  () => before,
);
