using System.Text.Json;
using System.Text.RegularExpressions;
using United.Core;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>
/// Abuse cases 1, 2, 4, 6, 12: every route that names something, called by somebody to whom it is none of their business. The routes come from
/// the OpenAPI document, so that one which is added is tried as well.
/// </summary>
public sealed partial class StrangerTests
{
    private static readonly string Nowhere = Ids.New(TimeProvider.System).ToString();

    // People, roles, invitations and published keys may be known of by everybody.
    private static readonly string[] Known = ["/api/users/", "/api/roles/", "/api/invites/", "/api/dm/"];

    [Theory, EachDatabase]
    public async Task No_route_tells_a_stranger_whether_there_is_anything_and_none_changes_it(Engine engine)
    {
        await using var scene = await FileScene.Start(engine, ("Limits:MessagesPerSecond", "10000"), ("Limits:MessageBurst", "10000"), ("Limits:GroupChangesPerMinute", "10000"), ("Limits:ChannelChangesPerMinute", "10000"));
        var (ann, bob, eve) = (await scene.Rest.Member("ann"), await scene.Rest.Member("bob"), await scene.Rest.Member("eve"));
        var places = await Places(scene, ann, bob);
        var before = await State(scene, places, ann, bob);

        var tried = 0;
        foreach (var (method, path) in await Routes(scene))
        {
            foreach (var place in places)
            {
                var (hidden, nowhere) = (await eve.Call(method, place.In(path, bob.Id), Body(method, bob)), await eve.Call(method, new Place(Nowhere, Nowhere, Nowhere, Nowhere, Nowhere).In(path, bob.Id), Body(method, bob)));
                Assert.Contains(hidden.Refusal, (string[])["404 not_found", "403 forbidden"]);
                Assert.Equal((path, nowhere.Status, nowhere.Body, Headers(nowhere)), (path, hidden.Status, hidden.Body, Headers(hidden)));
                tried++;
            }
        }
        Assert.True(tried > 100);
        Assert.Equal(before, await State(scene, places, ann, bob));
    }

    private static async Task<Place[]> Places(FileScene scene, RestScene.Person ann, RestScene.Person bob)
    {
        var group = (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id } })).Text("id");
        var direct = (await ann.Post("/api/conversations", new { type = "direct", user_id = bob.Id })).Text("id");
        var closed = (await scene.Owner.Post("/api/channels", new { name = "closed", @private = true, member_ids = new[] { ann.Id } })).Text("id");
        var places = new List<Place>();
        foreach (var (kind, id) in ((string, string)[])[("conversations", group), ("conversations", direct), ("channels", closed)])
        {
            var media = await FileScene.Uploaded(ann, MediaSamples.Png(content: id));
            var message = (await ann.Post($"/api/{kind}/{id}/messages", new { content = "words", media_ids = new[] { media } })).Text("id");
            places.Add(new Place(id, message, media.ToString(), "", (await ann.Get("/api/auth/sessions")).Items("id")[0]));
        }
        var request = (await bob.Get("/api/message-requests")).Items("id")[0];
        return [.. places.Select(place => place with { Request = request })];
    }

    private static async Task<string> State(FileScene scene, Place[] places, RestScene.Person ann, RestScene.Person bob)
    {
        var texts = new List<string>();
        foreach (var place in places)
        {
            texts.Add((await ann.Get($"/api/conversations/{place.Conversation}/messages?include_deleted=true")).Body);
            texts.Add((await ann.Get($"/api/conversations/{place.Conversation}")).Body);
        }
        texts.Add((await bob.Get("/api/message-requests")).Body);
        return string.Join('\n', texts) + await scene.Rest.Core.Database.Read(sql => sql.Count("select count(*) from message_reports"));
    }

    private static async Task<List<(HttpMethod Method, string Path)>> Routes(FileScene scene)
    {
        var paths = (await scene.Owner.Get("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject();
        return [.. paths.Where(path => path.Name.Contains('{') && !Known.Any(known => path.Name.StartsWith(known, StringComparison.Ordinal)))
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (HttpMethod.Parse(operation.Name), path.Name)))];
    }

    // Whatever any of them reads: what a route does not name changes nothing.
    private static object? Body(HttpMethod method, RestScene.Person bob) => method == HttpMethod.Get || method == HttpMethod.Delete ? null : new
    {
        content = "mine",
        emoji = "like",
        reason = "rude",
        sequence = 1,
        last_sequence = 1,
        name = "mine",
        topic = "mine",
        until = (long?)null,
        level = "none",
        user_id = bob.Id,
        role = "admin",
        action = "delete",
    };

    private static string Headers(Answered answer) => string.Join('\n', answer.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^/api/(?<kind>[a-z-]+/?[a-z]*)/\{id\}")]
    private static partial Regex Kind { get; }

    private sealed record Place(string Conversation, string Message, string Media, string Request, string Session)
    {
        public string In(string path, Guid member)
        {
            var id = Kind.Match(path).Groups["kind"].Value switch
            {
                "media" => Media,
                "message-requests" => Request,
                "auth/sessions" => Session,
                _ => Conversation,
            };
            return path.Replace("{id}", id).Replace("{messageId}", Message).Replace("{userId}", member.ToString()).Replace("{emoji}", "like");
        }
    }
}
