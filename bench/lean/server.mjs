// The least that a server of the usual packages does for the measured requests of the API. It has no
// sessions, idempotency keys, audit, outbox, gateway or security headers, and caches nothing.
//
// node server.mjs PORT MONGO_URL DATABASE SECRET
import express from "express";
import jwt from "jsonwebtoken";
import { DateTime } from "luxon";
import mongoose from "mongoose";

const [port, url, dbName, secret] = process.argv.slice(2);
const HOUR = 3_600_000;
const STEP = 900_000;
const { Schema, model } = mongoose;

const availability = new Schema({
  timezone: String, weekly: [{ _id: false, day: Number, start: Number, end: Number }],
  minimum_notice: Number, horizon: Number,
}, { _id: false });
const money = new Schema({ amount: Number, currency: String }, { _id: false });

const Developer = model("Developer", new Schema({
  _id: String, account_id: String, name: String, headline: String, bio: String, skills: [String],
  languages: [String], rate: money, revisions: Number, published: Boolean, availability, by_rating: String,
}), "developers");

const Booking = model("Booking", new Schema({
  developer_id: String, client_id: String, start: Date, end: Date, brief: String, status: String, price: money,
}, { timestamps: true }).index({ developer_id: 1, start: 1 }, { unique: true }), "lean_bookings");

const Payment = model("Payment", new Schema({
  booking_id: { type: Schema.Types.ObjectId, index: true }, status: String, amount: money,
}, { timestamps: true }), "lean_payments");

const Account = model("Account", new Schema({ _id: String, name: String, roles: [String] }), "accounts");

const row = (one) => ({
  id: one._id, name: one.name, headline: one.headline, skills: one.skills, rate: one.rate, rating: null,
  timezone: one.availability.timezone, languages: one.languages, avatar_url: null, next_free: null,
});

function* starts({ timezone, weekly, minimum_notice }, from, to, busy) {
  const first = Math.max(from, Date.now() + minimum_notice * 1000);
  let day = DateTime.fromMillis(from, { zone: timezone }).startOf("day");
  for (; day.toMillis() < to; day = day.plus({ days: 1 })) {
    for (const window of weekly) {
      if (window.day !== day.weekday - 1) continue;
      const begin = day.plus({ minutes: window.start }).toMillis();
      const end = day.plus({ minutes: window.end }).toMillis();
      for (let at = begin; at + HOUR <= end && at + HOUR <= to; at += STEP) {
        if (at >= first && !busy.some((one) => at < one.end && at + HOUR > one.start)) yield at;
      }
    }
  }
}

const app = express();
app.disable("x-powered-by");
app.use(express.json());
const api = express.Router();
app.use("/api/v1", api);

api.get("/developers", async (request, response) => {
  const wanted = { published: true };
  if (request.query.skill) wanted.skills = request.query.skill;
  if (request.query.min_rate) wanted["rate.amount"] = { $gte: Number(request.query.min_rate) };
  const limit = Math.min(Number(request.query.limit) || 20, 100);
  const found = await Developer.find(wanted).sort({ by_rating: 1 }).limit(limit).select("-bio").lean();
  response.json({ items: found.map(row), next: null });
});

api.get("/developers/:id", async (request, response) => {
  const found = await Developer.findById(request.params.id).lean();
  if (!found?.published) return response.status(404).json({ code: "not_found" });
  response.json({ ...row(found), bio: found.bio, policy: { revisions: found.revisions, fee_percent: 10 }, free: [] });
});

api.get("/developers/:id/slots", async (request, response) => {
  const from = Date.parse(request.query.from);
  const to = Date.parse(request.query.to);
  const [found, taken] = await Promise.all([
    Developer.findById(request.params.id).select("availability").lean(),
    Booking.find({ developer_id: request.params.id, start: { $gte: from - 12 * HOUR, $lt: to } })
      .select("start end").lean(),
  ]);
  if (!found) return response.status(404).json({ code: "not_found" });
  const busy = taken.map((one) => ({ start: one.start.getTime(), end: one.end.getTime() }));
  const items = [];
  for (const at of starts(found.availability, from, to, busy)) {
    items.push({ start: new Date(at).toISOString(), end: new Date(at + HOUR).toISOString() });
  }
  response.json({ timezone: found.availability.timezone, items });
});

api.post("/bookings", async (request, response) => {
  let client;
  try {
    client = jwt.verify((request.headers.authorization ?? "").replace("Bearer ", ""), secret).sub;
  } catch {
    return response.status(401).json({ code: "unauthorized" });
  }
  const { developer_id, brief, hours } = request.body;
  const start = new Date(request.body.start);
  const end = new Date(start.getTime() + hours * HOUR);
  if (!brief || !(hours > 0) || Number.isNaN(start.getTime())) return response.status(422).json({ code: "invalid" });
  const [account, developer] = await Promise.all([
    Account.findById(client).select("name roles").lean(), Developer.findById(developer_id).lean(),
  ]);
  if (!account || !developer) return response.status(404).json({ code: "not_found" });
  const price = { amount: developer.rate.amount * hours, currency: developer.rate.currency };
  const session = await mongoose.startSession();
  try {
    const [booking, payment] = await session.withTransaction(async () => {
      const [made] = await Booking.create(
        [{ developer_id, client_id: client, start, end, brief, status: "requested", price }], { session });
      const [paid] = await Payment.create([{ booking_id: made._id, status: "pending", amount: price }], { session });
      return [made, paid];
    });
    response.status(201).json({ ...booking.toObject(), payment: payment.toObject() });
  } catch (error) {
    if (error.code !== 11000) throw error;
    response.status(409).json({ code: "slot_taken" });
  } finally {
    await session.endSession();
  }
});

await mongoose.connect(url, { dbName, maxPoolSize: 100 });
await Promise.all([Booking.init(), Payment.init()]);
app.listen(Number(port), "127.0.0.1");
