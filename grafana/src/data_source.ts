/**
 * The data source: InfluxQL on the database that Tally writes.
 *
 * Grafana 9.3 reads the database's name from `database`, later versions from `jsonData.dbName`: both are given. Name and
 * uid are the same word because a variable of data sources holds the name in 9.3 and the uid later.
 */

/** Name and uid of the data source. */
export const DATA_SOURCE = "tally";

/** The database with the points. */
export const DATABASE = "fraud_data";

/** The database with what InfluxDB collects from the metrics of Tally and its own (docker/influxdb/init.sh). */
export const METRICS_DATABASE = "tally_metrics";

/** How Grafana names a data source inside dashboards and rules. */
export interface DataSourceRef {
  readonly type: string;
  readonly uid: string;
}

/** The file for `provisioning/datasources`; Grafana fills the variables in from its environment. */
export function dataSources() {
  return {
    apiVersion: 1,
    datasources: [{
      name: DATA_SOURCE,
      uid: DATA_SOURCE,
      type: "influxdb",
      access: "proxy",
      orgId: 1,
      isDefault: true,
      editable: false,
      url: "${INFLUX_URL}",
      user: "${INFLUX_USER}",
      database: DATABASE,
      jsonData: { dbName: DATABASE, httpMode: "POST", timeInterval: "5s" },
      secureJsonData: { password: "${INFLUX_PASSWORD}" },
    }],
  };
}
