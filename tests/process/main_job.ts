// Compiled against the types generated from the OpenAPI document; it is not run.
import type { components, operations, paths } from "./api";

type Schemas = components["schemas"];
type Answer<Operation extends keyof operations, Status extends keyof operations[Operation]["responses"]> =
  operations[Operation]["responses"][Status] extends { content: { "application/json": infer Body } } ? Body : never;
type Problem<Operation extends keyof operations, Status extends keyof operations[Operation]["responses"]> =
  operations[Operation]["responses"][Status] extends { content: { "application/problem+json": infer Body } } ? Body : never;

export const request: Schemas["BookingRequest"] = {
  developer_id: "dev_1",
  start: "2026-12-01T10:00:00Z",
  hours: 1,
  brief: "It is slow.",
};

export function statusOf(booking: Answer<"bookings_hold", 201>): "held" | "requested" | "confirmed" | "completed"
  | "expired" | "declined" | "cancelled" {
  return booking.status;
}

// The two outcomes of a log-in are told apart by `status`.
export function greet(outcome: Answer<"sessions_login", 200>): string {
  return outcome.status === "ok" ? outcome.name : outcome.factor;
}

export function whyNot(problem: Problem<"bookings_hold", 409>): string {
  return problem.code === "hour_taken" ? "Pick another time." : problem.detail;
}

export function firstOf(page: Answer<"bookings_index", 200>): Schemas["Booking"] | undefined {
  return page.items[0];
}

// `GET /me` takes no booking.
export const me: paths["/api/v1/me"]["get"]["parameters"]["path"] = undefined;
