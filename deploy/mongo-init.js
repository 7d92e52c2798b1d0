// Makes the MongoDB of compose.yaml a replica set of one member, and the user of the application.
// It can be repeated; a changed password is taken over.

const { MONGO_ROOT_PASSWORD, MONGO_PASSWORD } = process.env;
const mongo = connect(
  "mongodb://mongo:27017/admin?directConnection=true",
  "root",
  MONGO_ROOT_PASSWORD,
);

try {
  mongo.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  const members = [{ _id: 0, host: "mongo:27017" }];
  mongo.adminCommand({ replSetInitiate: { _id: "rs0", members } });
}

while (!mongo.hello().isWritablePrimary) sleep(200);

const application = mongo.getSiblingDB("onehour");
const user = { pwd: MONGO_PASSWORD, roles: [{ role: "readWrite", db: "onehour" }] };
if (application.getUser("onehour")) application.updateUser("onehour", user);
else application.createUser({ user: "onehour", ...user });
print("The replica set and the user of the application are ready.");
