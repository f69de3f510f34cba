using System.Net;
using United.Core;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>Everything that can be wrong with a request to the routes of chat. It is refused by name, and changes nothing.</summary>
public sealed class HostileChatTests
{
    private static readonly string Id = Ids.New(TimeProvider.System).ToString();
    private static readonly string Long = new('x', 5000);

    [Theory, EachDatabase]
    public async Task Bad_bodies_are_refused_by_field_and_change_nothing(Engine engine)
    {
        await using var scene = await RestScene.Start(engine, ("Limits:MessageBurst", "10000"), ("Limits:MessagesPerSecond", "10000"));
        var owner = scene.Owner;
        var general = Assert.Single((await owner.Get("/api/channels")).Items("id"));
        var message = (await owner.Post($"/api/channels/{general}/messages", new { content = "stays" })).Text("id");
        var before = await State(owner, general);
        (HttpMethod Method, string Path, (string Body, string Refusal)[] Cases)[] routes =
        [
            (HttpMethod.Post, "/api/channels", [.. Channel(required: true)]),
            (HttpMethod.Patch, $"/api/channels/{general}", [.. Channel(required: false)]),
            (HttpMethod.Post, $"/api/channels/{general}/messages",
            [
                ("{}", "400 validation_failed content"), ("""{"content":null}""", "400 validation_failed content"), ("""{"content":5}""", "400 validation_failed content"),
                ("""{"content":""}""", "400 validation_failed content"), ("""{"content":"  "}""", "400 validation_failed content"), ($$"""{"content":"{{Long}}"}""", "400 validation_failed content"),
                ("""{"content":"a\u0000b"}""", "400 validation_failed content"), ("""{"content":"\ud800"}""", "400 validation_failed content"),
                ("""{"content":"a","content":"b"}""", "400 validation_failed content"), ("""{"content":"a","other":1,"other":2}""", "400 validation_failed other"),
                ("""{"content":"a","reply_to_id":"x"}""", "400 validation_failed reply_to_id"), ($$"""{"content":"a","reply_to_id":"{{Id}}"}""", "400 validation_failed reply_to_id"),
                ("""{"content":"a","client_id":""}""", "400 validation_failed client_id"), ($$"""{"content":"a","client_id":"{{Long[..65]}}"}""", "400 validation_failed client_id"),
                ("""{"content":"a","client_id":"é"}""", "400 validation_failed client_id"), ("""{"content":"a","client_id":7}""", "400 validation_failed client_id"),
                ("""{"content":"a","signature":"zz"}""", "400 validation_failed payload"), ("""{"content":"a","signature":"zz","payload":"","timestamp":1}""", "400 validation_failed sequence_hint"),
                ("""{"content":"a","signature":"zz","payload":"","sequence_hint":1}""", "400 validation_failed timestamp"),
                ("""{"content":"a","signature":"zz","payload":"","timestamp":1,"sequence_hint":1}""", "400 validation_failed signature"),
                ($$"""{"content":"a","signature":"{{new string('a', 128)}}","payload":"%","timestamp":1,"sequence_hint":1}""", "400 validation_failed payload"),
                ("""{"content":"a","timestamp":"now"}""", "400 validation_failed timestamp"), .. MalformedBodies.With("content"),
            ]),
            (HttpMethod.Put, $"/api/channels/{general}/messages/{message}",
            [
                ("{}", "400 validation_failed content"), ("""{"content":[]}""", "400 validation_failed content"), ("""{"content":""}""", "400 validation_failed content"),
                ($$"""{"content":"{{Long}}"}""", "400 validation_failed content"), .. MalformedBodies.With("content"),
            ]),
            (HttpMethod.Post, $"/api/messages/{message}/reactions",
            [
                ("{}", "400 validation_failed emoji"), ("""{"emoji":1}""", "400 validation_failed emoji"), ("""{"emoji":""}""", "400 validation_failed emoji"), ("""{"emoji":"a b"}""", "400 validation_failed emoji"),
                ("""{"emoji":"👍👍"}""", "400 validation_failed emoji"), ($$"""{"emoji":"{{Long}}"}""", "400 validation_failed emoji"), ("""{"emoji":"+","toggle":"yes"}""", "400 validation_failed toggle"), .. MalformedBodies.With("emoji"),
            ]),
            (HttpMethod.Put, $"/api/channels/{general}/last-read", [.. Sequence("last_sequence")]),
            (HttpMethod.Put, $"/api/conversations/{general}/read", [.. Sequence("sequence")]),
            (HttpMethod.Put, $"/api/conversations/{general}/delivered", [.. Sequence("sequence")]),
            (HttpMethod.Post, "/api/sync",
            [
                ("{}", "400 validation_failed conversations"), ("""{"conversations":[]}""", "400 validation_failed conversations"), ("""{"conversations":{"x":1}}""", "400 validation_failed conversations"),
                ($$$"""{"conversations":{"{{{Id}}}":"1"}}""", $"400 validation_failed conversations.{Id}"),
                ($$$"""{"conversations":{"{{{Id}}}":-1}}""", "400 validation_failed conversations"), ($$$"""{"conversations":{"{{{Id}}}":1,"{{{Id}}}":2}}""", $"400 validation_failed {Id}"),
                ("""{"conversations":{},"partial":1}""", "400 validation_failed partial"), ("""{"conversations":{},"receipts_since":-1}""", "400 validation_failed receipts_since"),
                ("""{"conversations":{},"receipts_since":"x"}""", "400 validation_failed receipts_since"),
                ("""{"conversations":{},"x":""" + "\"" + new string('x', 1024 * 1024) + "\"}", "413 too_large"),
            ]),
        ];

        foreach (var (method, path, cases) in routes)
            foreach (var (body, expected) in cases)
                Assert.Equal($"{path} {expected} {MalformedBodies.Start(body)}", $"{path} {(await owner.Call(method, path, body)).Refusal} {MalformedBodies.Start(body)}");

        Assert.Equal(before, await State(owner, general));
    }

    [Theory, EachDatabase]
    public async Task Bad_queries_and_addresses_are_refused_by_name(Engine engine)
    {
        await using var scene = await RestScene.Start(engine, ("Limits:SearchesPerMinute", "10000"));
        var owner = scene.Owner;
        var general = Assert.Single((await owner.Get("/api/channels")).Items("id"));
        var history = $"/api/channels/{general}/messages";
        (string Path, string Refusal)[] cases =
        [
            (history + "?limit=0", "400 validation_failed limit"), (history + "?limit=-1", "400 validation_failed limit"), (history + "?limit=-99999999999999999999", "400 validation_failed limit"), (history + "?limit=x", "400 validation_failed limit"),
            (history + "?limit=1&limit=2", "400 validation_failed limit"), (history + "?before=x", "400 validation_failed before"), (history + "?before=-1", "400 validation_failed before"),
            (history + "?after=1.5", "400 validation_failed after"), (history + "?around=99999999999999999999", "400 validation_failed around"),
            (history + "?before=1&after=1", "400 validation_failed before"), (history + "?include_deleted=yes", "400 validation_failed include_deleted"),
            ("/api/search", "400 validation_failed q"), ("/api/search?q=", "400 validation_failed q"), ("/api/search?q=%20", "400 validation_failed q"), ("/api/search?q=%00", "400 validation_failed q"),
            ($"/api/search?q={Long[..201]}", "400 validation_failed q"), ("/api/search?q=abc&limit=0", "400 validation_failed limit"), ("/api/search?q=abc&from=x", "400 validation_failed from"),
            ("/api/search?q=abc&conversation_id=x", "400 validation_failed conversation_id"), ($"/api/search?q=abc&conversation_id={Id}", "404 not_found"),
            ("/api/search?q=abc&before=x", "400 validation_failed before"), ("/api/search?q=abc&before=-1", "400 validation_failed before"), ("/api/search?q=abc&cursor=!", "400 validation_failed cursor"),
            ("/api/search?q=abc&cursor=eA", "400 validation_failed cursor"), ("/api/channels/x", "404 not_found"), ($"/api/channels/{Id}", "404 not_found"), ($"/api/channels/{Id}/messages", "404 not_found"),
            ($"/api/channels/{general.ToUpperInvariant()}/messages", "404 not_found"), ($"/api/messages/{Id}/reactions", "404 not_found"),
        ];

        foreach (var (path, refusal) in cases) Assert.Equal($"{path} {refusal}", $"{path} {(await owner.Get(path)).Refusal}");

        foreach (var large in (string[])["100000&unknown=1", "9223372036854775808", new string('9', 1_000)]) Assert.Equal(HttpStatusCode.OK, (await owner.Get($"{history}?limit={large}")).Status);
    }

    [Theory, EachDatabase]
    public async Task Without_a_token_nothing_is_told(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        foreach (var (method, path) in ((HttpMethod, string)[])
        [
            (HttpMethod.Get, "/api/channels"), (HttpMethod.Post, "/api/channels"), (HttpMethod.Get, $"/api/channels/{Id}"), (HttpMethod.Patch, $"/api/channels/{Id}"), (HttpMethod.Delete, $"/api/channels/{Id}"),
            (HttpMethod.Put, $"/api/channels/{Id}/members/{Id}"), (HttpMethod.Delete, $"/api/channels/{Id}/members/{Id}"), (HttpMethod.Get, $"/api/channels/{Id}/messages"),
            (HttpMethod.Post, $"/api/channels/{Id}/messages"), (HttpMethod.Put, $"/api/channels/{Id}/messages/{Id}"), (HttpMethod.Delete, $"/api/channels/{Id}/messages/{Id}"),
            (HttpMethod.Get, $"/api/channels/{Id}/last-read"), (HttpMethod.Put, $"/api/channels/{Id}/last-read"), (HttpMethod.Put, $"/api/conversations/{Id}/read"),
            (HttpMethod.Put, $"/api/conversations/{Id}/delivered"), (HttpMethod.Post, $"/api/messages/{Id}/reactions"), (HttpMethod.Delete, $"/api/messages/{Id}/reactions/x"),
            (HttpMethod.Post, "/api/sync"), (HttpMethod.Get, "/api/search?q=abc"),
        ])
            Assert.Equal($"{method} {path} 401 unauthorized", $"{method} {path} {(await scene.Call(null, method, path)).Refusal}");
    }

    private static IEnumerable<(string, string)> Channel(bool required)
    {
        if (required)
        {
            yield return ("{}", "400 validation_failed name");
            yield return ("""{"name":"a","member_ids":["x"]}""", "400 validation_failed member_ids[0]");
            yield return ("""{"name":"a","member_ids":"x"}""", "400 validation_failed member_ids");
            yield return ($$"""{"name":"a","private":true,"member_ids":["{{Id}}"]}""", "400 validation_failed member_ids");
            yield return ("""{"name":"GENERAL"}""", "409 name_taken name");
        }
        foreach (var (field, bad) in ((string, string[])[])
        [
            ("name", ["5", "\"\"", "\"  \"", $"\"{Long[..65]}\"", "\"a\\nb\"", "\"\\u0000\"", "\"\\ud800\"", "\"a\\u202eb\""]), ("topic", ["[]", $"\"{Long[..1025]}\"", "\"\\u0007\""]),
            ("category", ["{}", $"\"{Long[..65]}\"", "\"a\\nb\""]), ("position", ["\"1\"", "-1", "1.5", "99999999999", "100001"]), ("private", ["\"yes\"", "1"]), ("read_only", ["\"no\"", "0"]),
        ])
            foreach (var value in bad)
                yield return (field == "name" ? $$"""{"name":{{value}}}""" : $$"""{"name":"fine","{{field}}":{{value}}}""", $"400 validation_failed {field}");
        foreach (var malformed in MalformedBodies.With("name")) yield return malformed;
    }

    private static IEnumerable<(string, string)> Sequence(string field) =>
    [
        ("{}", $"400 validation_failed {field}"), ($$"""{"{{field}}":null}""", $"400 validation_failed {field}"), ($$"""{"{{field}}":"1"}""", $"400 validation_failed {field}"),
        ($$"""{"{{field}}":1.5}""", $"400 validation_failed {field}"), ($$"""{"{{field}}":-1}""", $"400 validation_failed {field}"), ($$"""{"{{field}}":1e30}""", $"400 validation_failed {field}"), .. MalformedBodies.With(field),
    ];

    private static async Task<string> State(RestScene.Person owner, string channel) =>
        (await owner.Get("/api/channels")).Body + (await owner.Get($"/api/channels/{channel}/messages")).Body + (await owner.Get($"/api/channels/{channel}/last-read")).Body;
}
