using United.SocketIo.ConformanceHost;
using United.SocketIo.EngineIo;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var engine = new EngineServer(SuiteOptions.Engine(builder.Configuration), socket => new EngineEcho(socket));
var app = builder.Build();
app.MapEngineIo("/engine.io", engine);
await app.RunAsync();
