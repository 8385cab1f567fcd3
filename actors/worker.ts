/** What runs in a worker thread. */
import { serve } from "../src/actor/mod.ts";
import { category } from "./category.ts";
import { partitionTask } from "./partition_task.ts";

serve([partitionTask, category]);
