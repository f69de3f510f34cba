using System.Net;
using United.Core;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>Everything that can be wrong with a request about groups and direct conversations. It is refused by name, and changes nothing.</summary>
public sealed class HostileConversationsTests
{
    private static readonly string Id = Ids.New(TimeProvider.System).ToString();
    private static readonly string Long = new('x', 200);

    [Theory, EachDatabase]
    public async Task Bad_bodies_are_refused_by_field_and_change_nothing(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));
        var group = (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id } })).Text("id");
        var before = await State(ann, group);
        var many = string.Join(',', Enumerable.Range(0, 200).Select(_ => $"\"{Ids.New(TimeProvider.System)}\""));
        (HttpMethod Method, string Path, (string Body, string Refusal)[] Cases)[] routes =
        [
            (HttpMethod.Post, "/api/conversations",
            [
                ("{}", "400 validation_failed type"), ("""{"type":null}""", "400 validation_failed type"), ("""{"type":"channel","name":"x","member_ids":[]}""", "400 validation_failed type"),
                ("""{"type":"dm"}""", "400 validation_failed type"), ("""{"type":"direct"}""", "400 validation_failed user_id"), ("""{"type":"direct","user_id":null}""", "400 validation_failed user_id"),
                ("""{"type":"direct","user_id":"x"}""", "400 validation_failed user_id"), ("""{"type":"direct","type":"group"}""", "400 validation_failed type"),
                ("""{"type":"group"}""", "400 validation_failed name"), ("""{"type":"group","name":"a"}""", "400 validation_failed member_ids"),
                ("""{"type":"group","name":"","member_ids":[]}""", "400 validation_failed name"), ($$"""{"type":"group","name":"{{Long}}","member_ids":[]}""", "400 validation_failed name"),
                ("""{"type":"group","name":"a\u0000","member_ids":[]}""", "400 validation_failed name"), ("""{"type":"group","name":"\ud800","member_ids":[]}""", "400 validation_failed name"),
                ("""{"type":"group","name":"a","member_ids":"x"}""", "400 validation_failed member_ids"), ("""{"type":"group","name":"a","member_ids":["x"]}""", "400 validation_failed member_ids[0]"),
                ($$"""{"type":"group","name":"a","member_ids":["{{Id}}"]}""", "400 validation_failed member_ids"), ($$"""{"type":"group","name":"a","member_ids":[{{many}}]}""", "400 validation_failed member_ids"),
                ($$"""{"type":"group","name":"a","member_ids":[],"avatar_media_id":"{{Id}}"}""", "400 validation_failed avatar_media_id"), .. MalformedBodies.With("type"),
            ]),
            (HttpMethod.Patch, $"/api/conversations/{group}",
            [
                ("""{"name":5}""", "400 validation_failed name"), ("""{"name":" "}""", "400 validation_failed name"), ($$"""{"name":"{{Long}}"}""", "400 validation_failed name"),
                ("""{"avatar_media_id":"x"}""", "400 validation_failed avatar_media_id"), ($$"""{"avatar_media_id":"{{Id}}"}""", "400 validation_failed avatar_media_id"), .. MalformedBodies.With("name"),
            ]),
            (HttpMethod.Post, $"/api/conversations/{group}/members",
            [
                ("{}", "400 validation_failed user_id"), ("""{"user_id":7}""", "400 validation_failed user_id"), ($$"""{"user_id":"{{Id}}"}""", "404 not_found"),
                ($$"""{"user_id":"{{Id}}","role":"owner"}""", "400 validation_failed role"), ($$"""{"user_id":"{{Id}}","role":1}""", "400 validation_failed role"), .. MalformedBodies.With("user_id"),
            ]),
            (HttpMethod.Patch, $"/api/conversations/{group}/members/{bob.Id}",
            [
                ("{}", "400 validation_failed role"), ("""{"role":null}""", "400 validation_failed role"), ("""{"role":"Admin"}""", "400 validation_failed role"), .. MalformedBodies.With("role"),
            ]),
            (HttpMethod.Put, $"/api/conversations/{group}/mute",
            [
                ("{}", "400 validation_failed until"), ("""{"until":"now"}""", "400 validation_failed until"), ("""{"until":-1}""", "400 validation_failed until"),
                ("""{"until":1e30}""", "400 validation_failed until"), ("""{"until":9223372036854775807}""", "400 validation_failed until"), .. MalformedBodies.With("until"),
            ]),
            (HttpMethod.Put, $"/api/conversations/{group}/notifications",
            [
                ("{}", "400 validation_failed level"), ("""{"level":"some"}""", "400 validation_failed level"), ("""{"level":0}""", "400 validation_failed level"), .. MalformedBodies.With("level"),
            ]),
        ];

        foreach (var (method, path, cases) in routes)
            foreach (var (body, expected) in cases)
                Assert.Equal($"{path} {expected} {MalformedBodies.Start(body)}", $"{path} {(await ann.Call(method, path, body)).Refusal} {MalformedBodies.Start(body)}");

        Assert.Equal(before, await State(ann, group));
    }

    [Theory, EachDatabase]
    public async Task Bad_queries_and_addresses_are_refused_by_name(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        (string Path, string Refusal)[] cases =
        [
            ("/api/conversations?state=all", "400 validation_failed state"), ("/api/conversations?state=inbox&state=hidden", "400 validation_failed state"),
            ("/api/conversations?limit=0", "400 validation_failed limit"), ("/api/conversations?limit=x", "400 validation_failed limit"), ("/api/conversations?cursor=!", "400 validation_failed cursor"),
            ("/api/conversations?cursor=eA", "400 validation_failed cursor"), ("/api/conversations/x", "404 not_found"), ($"/api/conversations/{Id}", "404 not_found"),
            ($"/api/conversations/{Id}/members", "404 not_found"), ("/api/message-requests?limit=0", "400 validation_failed limit"), ("/api/message-requests?cursor=eA", "400 validation_failed cursor"),
        ];
        foreach (var (path, refusal) in cases) Assert.Equal($"{path} {refusal}", $"{path} {(await ann.Get(path)).Refusal}");
        foreach (var path in (string[])[$"/api/message-requests/{Id}/accept", $"/api/message-requests/{Id}/decline", "/api/message-requests/x/accept"])
            Assert.Equal($"{path} 404 not_found", $"{path} {(await ann.Post(path)).Refusal}");
        Assert.Equal(HttpStatusCode.OK, (await ann.Get("/api/conversations?limit=100000&unknown=1")).Status);
    }

    [Theory, EachDatabase]
    public async Task Without_a_token_nothing_is_told(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        foreach (var (method, path) in ((HttpMethod, string)[])
        [
            (HttpMethod.Get, ""), (HttpMethod.Post, ""), (HttpMethod.Get, $"/{Id}"), (HttpMethod.Patch, $"/{Id}"), (HttpMethod.Delete, $"/{Id}"), (HttpMethod.Put, $"/{Id}/mute"),
            (HttpMethod.Put, $"/{Id}/notifications"), (HttpMethod.Get, $"/{Id}/members"), (HttpMethod.Post, $"/{Id}/members"), (HttpMethod.Patch, $"/{Id}/members/{Id}"),
            (HttpMethod.Delete, $"/{Id}/members/{Id}"), (HttpMethod.Get, $"/{Id}/messages"), (HttpMethod.Post, $"/{Id}/messages"), (HttpMethod.Put, $"/{Id}/messages/{Id}"), (HttpMethod.Delete, $"/{Id}/messages/{Id}"),
        ])
            Assert.Equal($"{method} {path} 401 unauthorized", $"{method} {path} {(await scene.Call(null, method, "/api/conversations" + path)).Refusal}");
        foreach (var path in (string[])["", $"/{Id}/accept", $"/{Id}/decline"])
            Assert.Equal("401 unauthorized", (await scene.Call(null, path.Length == 0 ? HttpMethod.Get : HttpMethod.Post, "/api/message-requests" + path)).Refusal);
    }

    private static async Task<string> State(RestScene.Person ann, string group) =>
        (await ann.Get("/api/conversations")).Body + (await ann.Get($"/api/conversations/{group}/members")).Body + (await ann.Get($"/api/conversations/{group}/messages")).Body;
}
