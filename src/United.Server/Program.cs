using United.Core.Storage;
using United.Server.Hosting;

Directory.CreateDirectory("data");
await using var database = SqliteDatabase.Open(Path.Combine("data", "united.db"));
await Migrations.Apply(database, TimeProvider.System);
await using var app = UnitedApp.Build(args, database, TimeProvider.System);
await app.RunAsync();
