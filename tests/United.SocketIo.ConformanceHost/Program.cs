using United.SocketIo;
using United.SocketIo.ConformanceHost;
using United.SocketIo.EngineIo;
using United.WebSockets;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.UseBareWebSockets()));
var app = builder.Build();
var engine = new EngineServer(SuiteOptions.Engine(app.Configuration), socket => new EngineEcho(socket));
var io = new SocketIoServer(SuiteOptions.SocketIo(app.Configuration));
SuiteEvents.Add(io);
app.MapEngineIo("/engine.io", engine);
app.MapSocketIo("/socket.io", io);
await app.RunAsync();
