/** All files that Grafana reads, by their path in `grafana/`. */
import { stringify } from "yaml";
import { alertRules, contactPoints, policies } from "./alerts.ts";
import { customerBehaviour } from "./customer_behaviour.ts";
import { dataSources } from "./data_source.ts";
import { longTerm } from "./long_term.ts";
import { tallyPipeline } from "./tally_pipeline.ts";

/** Where the container has the folder `grafana/dashboards`. */
export const DASHBOARD_FOLDER = "/etc/tally/dashboards";

const GENERATED = "# Written by `deno task grafana` from grafana/src; change it there.\n";

/** The text of each file. */
export function files(): ReadonlyMap<string, string> {
  return new Map([
    ["dashboards/customer_behaviour.json", json(customerBehaviour())],
    ["dashboards/long_term.json", json(longTerm())],
    ["dashboards/tally_pipeline.json", json(tallyPipeline())],
    ["provisioning/datasources/tally.yaml", yaml(dataSources())],
    ["provisioning/dashboards/tally.yaml", yaml(dashboardProvider())],
    ["provisioning/alerting/contact_points.yaml", yaml(contactPoints())],
    ["provisioning/alerting/policies.yaml", yaml(policies())],
    ["provisioning/alerting/rules.yaml", yaml(alertRules())],
  ]);
}

function dashboardProvider() {
  return {
    apiVersion: 1,
    providers: [{
      name: "tally",
      orgId: 1,
      folder: "Tally",
      type: "file",
      disableDeletion: true,
      allowUiUpdates: false,
      updateIntervalSeconds: 30,
      options: { path: DASHBOARD_FOLDER },
    }],
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function yaml(value: object): string {
  // Aliases for what appears twice would hide it from a reader.
  return GENERATED + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
