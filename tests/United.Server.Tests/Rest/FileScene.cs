using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using United.Core.Channels;
using United.Core.Storage;
using United.Testing;

namespace United.Server.Tests.Rest;

/// <summary>A running server with people who upload, over HTTP as anybody would.</summary>
internal sealed class FileScene : IAsyncDisposable
{
    private static readonly (string Key, string Value)[] Unlimited = [("Limits:UploadsPerMinute", "10000"), ("Limits:UploadsPerMinutePerAddress", "10000")];

    private FileScene(RestScene rest) => Rest = rest;

    public RestScene Rest { get; }

    public RestScene.Person Owner => Rest.Owner;

    /// <summary>Below the folder of uploads, incoming ones too.</summary>
    public string[] Files => Directory.GetFiles(Path.Combine(Rest.Server.DataDirectory, "media"), "*", SearchOption.AllDirectories);

    public static async Task<FileScene> Start(Engine engine = Engine.Sqlite, params (string Key, string Value)[] settings) =>
        new(await RestScene.Start(engine, [.. Unlimited.Where(usual => settings.All(given => given.Key != usual.Key)), .. settings]));

    public Task<long> Rows() => Rest.Core.Database.Read(sql => sql.Count("select count(*) from media"));

    /// <summary>The file as the body.</summary>
    public static Task<Answered> Upload(RestScene.Person person, byte[] bytes, string query = "") => person.Call(HttpMethod.Post, "/api/media" + query, bytes);

    public static async Task<Guid> Uploaded(RestScene.Person person, byte[] bytes, string query = "") => (await Upload(person, bytes, query)).Json.GetProperty("id").GetGuid();

    /// <summary>The file in a form, after the fields.</summary>
    public async Task<JsonElement> UploadForm(RestScene.Person person, byte[] bytes, string name, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (field, value) in fields) form.Add(new StringContent(value), field);
        form.Add(new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("text/html") } }, "file", name);
        using var answer = await Send(person, HttpMethod.Post, "/api/media", form);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    public async Task<HttpResponseMessage> Send(RestScene.Person? person, HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (person is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.User.AccessToken);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Rest.Server.Client.SendAsync(request);
    }

    public async Task<HttpStatusCode> Status(RestScene.Person? person, string path)
    {
        using var answer = await Send(person, HttpMethod.Get, path);
        return answer.StatusCode;
    }

    /// <summary>A private channel of the owner and these.</summary>
    public async Task<Guid> Room(params RestScene.Person[] members) => (await Rest.Core.Channels.Create(
        await Owner.User.Caller(Rest.Core), new CreateChannel("room", Private: true, MemberIds: [.. members.Select(member => member.Id)]))).Value.Id;

    /// <summary>A message that holds a file.</summary>
    public static async Task<Guid> Post(RestScene.Person person, Guid room, Guid media) =>
        (await person.Post($"/api/channels/{room}/messages", new { content = "", media_ids = new[] { media } })).Json.GetProperty("id").GetGuid();

    public ValueTask DisposeAsync() => Rest.DisposeAsync();
}
