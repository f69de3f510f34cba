using System.Text.Json.Serialization;
using United.SocketIo;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSocketIo(options => options.Json.TypeInfoResolverChain.Insert(0, ChatJson.Default));
var app = builder.Build();
var io = app.MapSocketIo("/socket.io");

io.Use(socket => ValueTask.FromResult(socket.Handshake.Auth.Get(ChatJson.Default.Login) is { Name: not null } ? null : new Refusal("who are you?")));
io.OnConnection(socket => socket.Data["name"] = socket.Handshake.Auth.Get(ChatJson.Default.Login)!.Name);
io.On<string>("join", (socket, room) => socket.Join(room!));
io.On<Post, int>("post", async (socket, post, ct) =>
{
    socket.To(post!.Room).Emit("posted", socket.Data["name"], post.Text);
    return (await io.In(post.Room).FetchSockets(ct)).Count;
});
await app.RunAsync();

internal sealed record Login(string? Name);
internal sealed record Post(string Room, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Login))]
[JsonSerializable(typeof(Post))]
internal sealed partial class ChatJson : JsonSerializerContext;
