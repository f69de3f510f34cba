using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

public sealed class MediaApiTests
{
    private static readonly (string Query, string Field)[] Wrong =
    [
        ("?width=many", "width"), ("?width=0", "width"), ("?height=-1", "height"), ("?duration=1e9", "duration"), ("?duration=-1", "duration"),
        ("?duration=99999999999999999999999999999999", "duration"), ("?waveform=AAAA", "waveform"), ("?waveform=%21", "waveform"), ("?thumbnail=x", "thumbnail"), ("?name=a&name=b", "name"),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_upload_is_the_same_as_a_form_and_as_a_body(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var bytes = MediaSamples.Opus();
        var waveform = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

        var form = await scene.UploadForm(scene.Owner, bytes, "C:\\voice.ogg", ("duration", "2.5"), ("waveform", waveform), ("unknown", new string('x', 5_000)));
        var raw = await FileScene.Upload(scene.Owner, bytes, $"?name=voice.ogg&duration=2.5&waveform={Uri.EscapeDataString(waveform)}");

        Assert.Equal(HttpStatusCode.Created, raw.Status);
        foreach (var answer in (System.Text.Json.JsonElement[])[form, raw.Json])
        {
            Assert.Equal(("voice", "audio/ogg", "voice.ogg", bytes.Length, 2.5, waveform), (
                answer.GetProperty("media_type").GetString(), answer.GetProperty("content_type").GetString(), answer.GetProperty("name").GetString(),
                answer.GetProperty("size").GetInt32(), answer.GetProperty("duration").GetDouble(), answer.GetProperty("waveform").GetString()));
        }
        Assert.Single(scene.Files);
        Assert.Equal(bytes, await scene.Rest.Server.Client.GetByteArrayAsync(await TicketOf(scene.Owner, raw.Text("id")), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_body_is_taken_for_what_it_is_whatever_it_claims_to_be(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        foreach (var claim in (string[])["audio/ogg", "text/html", "application/json", "application/x-www-form-urlencoded", "nonsense"])
        {
            using var body = new ByteArrayContent(MediaSamples.Opus());
            body.Headers.TryAddWithoutValidation("Content-Type", claim);

            using var answer = await scene.Send(scene.Owner, HttpMethod.Post, "/api/media", body);

            Assert.Equal((claim, HttpStatusCode.Created), (claim, answer.StatusCode));
            Assert.Contains("\"content_type\":\"audio/ogg\"", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Theory, EachDatabase]
    public async Task Fields_of_a_form_come_in_any_order(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        foreach (var first in (bool[])[true, false])
        {
            using var form = new MultipartFormDataContent();
            if (first) form.Add(new StringContent("given.mp4"), "name");
            form.Add(new ByteArrayContent(MediaSamples.Mp4("isom", "vide")), "file", "own.mp4");
            if (!first) form.Add(new StringContent("given.mp4"), "name");
            form.Add(new StringContent("640"), "width");
            using var answer = await scene.Send(scene.Owner, HttpMethod.Post, "/api/media", form);
            var media = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement;
            Assert.Equal(("given.mp4", "video", 640), (media.GetProperty("name").GetString(), media.GetProperty("media_type").GetString(), media.GetProperty("width").GetInt32()));
        }
    }

    [Theory, EachDatabase]
    public async Task What_is_said_wrongly_is_named_and_nothing_is_kept(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);

        foreach (var (query, field) in Wrong)
            Assert.Equal($"{query} 400 validation_failed {field}", $"{query} {(await FileScene.Upload(scene.Owner, MediaSamples.Opus(), query)).Refusal}");
        Assert.Empty(scene.Files);
        Assert.Equal(0, await scene.Rows());
    }

    [Theory, EachDatabase]
    public async Task A_file_is_served_whole_in_part_or_not_again(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var bytes = MediaSamples.Png(content: "0123456789");
        var path = "/api/media/" + await FileScene.Uploaded(scene.Owner, bytes, "?name=a%20%22b%22.png");
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"";

        using var whole = await scene.Send(scene.Owner, HttpMethod.Get, path);
        Assert.Equal(bytes, await whole.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal((tag, "image/png", "private, max-age=31536000, immutable"), (whole.Headers.ETag!.Tag, whole.Content.Headers.ContentType!.ToString(), One(whole.Headers, "Cache-Control")));
        Assert.Equal(("nosniff", "default-src 'none'; frame-ancestors 'none'; sandbox"), (One(whole.Headers, "X-Content-Type-Options"), One(whole.Headers, "Content-Security-Policy")));
        Assert.StartsWith("inline; filename=", One(whole.Content.Headers, "Content-Disposition"), StringComparison.Ordinal);

        using var head = await scene.Send(scene.Owner, HttpMethod.Head, path);
        Assert.Equal((HttpStatusCode.OK, bytes.Length, 0), (head.StatusCode, head.Content.Headers.ContentLength, (await head.Content.ReadAsByteArrayAsync(Ct)).Length));
        Assert.Equal((HttpStatusCode.NotModified, 0), await Get(scene, path, ("If-None-Match", tag)));
        Assert.Equal((HttpStatusCode.PartialContent, 4), await Get(scene, path, ("Range", "bytes=2-5")));
        Assert.Equal((HttpStatusCode.PartialContent, 4), await Get(scene, path, ("Range", "bytes=2-5"), ("If-Range", tag)));
        Assert.Equal((HttpStatusCode.OK, bytes.Length), await Get(scene, path, ("Range", "bytes=2-5"), ("If-Range", "\"other\"")));
        Assert.Equal((HttpStatusCode.PartialContent, 3), await Get(scene, path, ("Range", "bytes=-3")));
        Assert.Equal((HttpStatusCode.PartialContent, bytes.Length - 1), await Get(scene, path, ("Range", "bytes=1-99999")));
        Assert.Equal((HttpStatusCode.OK, bytes.Length), await Get(scene, path, ("Range", "bytes=0-1,4-5")));
        Assert.Equal((HttpStatusCode.OK, bytes.Length), await Get(scene, path, ("Range", "lines=1-2")));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, 0), await Get(scene, path, ("Range", "bytes=1000-")));
        using var part = await scene.Send(scene.Owner, HttpMethod.Get, path, null, ("Range", "bytes=2-5"));
        Assert.Equal($"bytes 2-5/{bytes.Length}", One(part.Content.Headers, "Content-Range"));
        Assert.Equal(bytes[2..6], await part.Content.ReadAsByteArrayAsync(Ct));
    }

    [Theory, EachDatabase]
    public async Task Who_may_not_read_is_told_the_same_as_of_what_there_is_not(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var (bob, eve) = (await scene.Rest.Member("bob"), await scene.Rest.Member("eve"));
        var media = await FileScene.Uploaded(scene.Owner, MediaSamples.Png());
        var room = await scene.Room(bob);
        await FileScene.Post(scene.Owner, room, media);

        Assert.Equal(HttpStatusCode.OK, await scene.Status(bob, $"/api/media/{media}"));
        var ticket = await TicketOf(bob, media.ToString());
        Assert.Equal(HttpStatusCode.OK, await scene.Status(null, ticket));
        foreach (var (method, suffix) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Post, "/ticket")])
        {
            var refused = await eve.Call(method, $"/api/media/{media}{suffix}");
            var unknown = await eve.Call(method, $"/api/media/{Core.Ids.New(TimeProvider.System)}{suffix}");
            Assert.Equal("404 not_found", refused.Refusal);
            Assert.Equal(unknown.Bytes, refused.Bytes);
        }
        using var head = await scene.Send(eve, HttpMethod.Head, $"/api/media/{media}");
        using var range = await scene.Send(eve, HttpMethod.Get, $"/api/media/{media}", null, ("Range", "bytes=0-1"));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, "no-store"), (head.StatusCode, range.StatusCode, One(range.Headers, "Cache-Control")));

        await scene.Owner.Delete($"/api/channels/{room}/members/{bob.Id}");
        Assert.Equal(HttpStatusCode.NotFound, await scene.Status(bob, $"/api/media/{media}"));
        Assert.Equal(HttpStatusCode.NotFound, await scene.Status(null, ticket));
        Assert.Equal(HttpStatusCode.Unauthorized, await scene.Status(null, $"/api/media/{media}"));
    }

    [Theory, EachDatabase]
    public async Task Who_leaves_a_group_or_is_removed_keeps_none_of_its_files_but_their_own(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var (ann, bob, eve) = (await scene.Rest.Member("ann"), await scene.Rest.Member("bob"), await scene.Rest.Member("eve"));
        var group = "/api/conversations/" + (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id, eve.Id } })).Text("id");
        var (anns, bobs) = (await FileScene.Uploaded(ann, MediaSamples.Png()), await FileScene.Uploaded(bob, MediaSamples.Gif()));
        await ann.Post(group + "/messages", new { content = "", media_ids = new[] { anns } });
        await bob.Post(group + "/messages", new { content = "", media_ids = new[] { bobs } });
        var tickets = new[] { await TicketOf(bob, anns.ToString()), await TicketOf(eve, anns.ToString()) };
        foreach (var ticket in tickets) Assert.Equal(HttpStatusCode.OK, await scene.Status(null, ticket));

        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete($"{group}/members/{bob.Id}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Delete($"{group}/members/{eve.Id}")).Status);

        foreach (var ticket in tickets) Assert.Equal(HttpStatusCode.NotFound, await scene.Status(null, ticket));
        foreach (var gone in (RestScene.Person[])[bob, eve]) Assert.Equal("404 not_found", (await gone.Post($"/api/media/{anns}/ticket")).Refusal);
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK],
            [await scene.Status(bob, $"/api/media/{anns}"), await scene.Status(bob, $"/api/media/{bobs}"), await scene.Status(eve, $"/api/media/{bobs}"), await scene.Status(ann, $"/api/media/{bobs}")]);
    }

    [Theory, EachDatabase]
    public async Task The_same_bytes_from_two_people_are_one_file_until_both_messages_are_unsent(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var (ann, bob) = (await scene.Rest.Member("ann"), await scene.Rest.Member("bob"));
        var room = await scene.Room(ann, bob);
        var uploads = await Task.WhenAll(FileScene.Uploaded(ann, MediaSamples.Png()), FileScene.Uploaded(bob, MediaSamples.Png()));
        var messages = new[] { await FileScene.Post(ann, room, uploads[0]), await FileScene.Post(bob, room, uploads[1]) };
        Assert.NotEqual(uploads[0], uploads[1]);
        Assert.Single(scene.Files);

        await ann.Delete($"/api/channels/{room}/messages/{messages[0]}");
        while (await scene.Rows() > 1) await Task.Delay(5, Ct);
        Assert.Equal(HttpStatusCode.NotFound, await scene.Status(bob, $"/api/media/{uploads[0]}"));
        Assert.Equal(HttpStatusCode.OK, await scene.Status(ann, $"/api/media/{uploads[1]}"));

        await bob.Delete($"/api/channels/{room}/messages/{messages[1]}");
        while (scene.Files.Length > 0) await Task.Delay(5, Ct);
    }

    [Theory, EachDatabase]
    public async Task A_ticket_opens_its_file_as_long_as_its_session_stands(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var bob = await scene.Rest.Member("bob");
        var (media, other) = (await FileScene.Uploaded(bob, MediaSamples.Png()), await FileScene.Uploaded(bob, MediaSamples.Gif()));
        var ticket = await TicketOf(bob, media.ToString());
        Assert.StartsWith(TestUser.OriginOf(scene.Rest.Server.Address) + "/api/media/", ticket, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, await scene.Status(null, ticket));
        Assert.Equal(HttpStatusCode.Unauthorized, await scene.Status(null, ticket.Replace(media.ToString(), other.ToString(), StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, await scene.Status(null, ticket[..^1]));
        Assert.Equal(HttpStatusCode.Unauthorized, await scene.Status(null, ticket + "&ticket=x"));
        await bob.Post("/api/auth/logout");
        Assert.Equal(HttpStatusCode.Unauthorized, await scene.Status(null, ticket));
    }

    [Theory, EachDatabase]
    public async Task What_comes_in_is_counted(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        await FileScene.Upload(scene.Owner, MediaSamples.Png());
        await FileScene.Upload(scene.Owner, []);

        var metrics = await scene.Rest.Server.Client.GetStringAsync("/metrics", Ct);

        Assert.Contains($"united_media_kept_bytes_total {MediaSamples.Png().Length}\n", metrics, StringComparison.Ordinal);
        Assert.Contains("united_media_refused_total{code=\"validation_failed\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Unsending_a_message_deletes_the_bytes(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var room = await scene.Room();
        var message = await FileScene.Post(scene.Owner, room, await FileScene.Uploaded(scene.Owner, MediaSamples.Png()));
        Assert.Single(scene.Files);

        await scene.Owner.Delete($"/api/channels/{room}/messages/{message}");

        while (scene.Files.Length > 0) await Task.Delay(5, Ct);
        Assert.Equal(0, await scene.Rows());
    }

    [Theory, EachDatabase]
    public async Task An_avatar_is_set_shown_to_all_and_taken_away(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var (bob, eve) = (await scene.Rest.Member("bob"), await scene.Rest.Member("eve"));
        var (picture, text) = (await FileScene.Uploaded(bob, MediaSamples.Png()), await FileScene.Uploaded(bob, "text"u8.ToArray()));

        Assert.Equal("400 validation_failed avatar_media_id", (await bob.Patch("/api/users/me", new { avatar_media_id = text, bio = "new" })).Refusal);
        Assert.Equal("400 validation_failed avatar_media_id", (await eve.Patch("/api/users/me", new { avatar_media_id = picture })).Refusal);
        Assert.Equal("", (await bob.Get("/api/users/me")).Text("bio"));
        Assert.Equal(picture, (await bob.Patch("/api/users/me", new { avatar_media_id = picture })).Json.GetProperty("avatar_media_id").GetGuid());
        Assert.Equal(HttpStatusCode.OK, await scene.Status(eve, $"/api/media/{picture}"));
        Assert.Equal(picture, (await bob.Patch("/api/users/me", new { bio = "stays" })).Json.GetProperty("avatar_media_id").GetGuid());
        Assert.Equal(picture, (await eve.Get($"/api/users/{bob.Id}")).Json.GetProperty("avatar_media_id").GetGuid());

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await bob.Patch("/api/users/me", """{"avatar_media_id":null}""")).Json.GetProperty("avatar_media_id").ValueKind);
        while (scene.Files.Length > 1) await Task.Delay(5, Ct); // nothing else held it
        Assert.Equal(HttpStatusCode.NotFound, await scene.Status(eve, $"/api/media/{picture}"));
    }

    [Theory, EachDatabase]
    public async Task An_account_that_ends_takes_along_what_nothing_else_holds(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var bob = await scene.Rest.Member("bob");
        var (loose, posted) = (await FileScene.Uploaded(bob, MediaSamples.Png()), await FileScene.Uploaded(bob, MediaSamples.Gif()));
        await FileScene.Post(bob, await scene.Room(bob), posted);
        await bob.Patch("/api/users/me", new { avatar_media_id = loose });

        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete("/api/users/me")).Status);

        while (scene.Files.Length > 1) await Task.Delay(5, Ct);
        Assert.Equal(HttpStatusCode.OK, await scene.Status(scene.Owner, $"/api/media/{posted}"));
        Assert.Equal(HttpStatusCode.NotFound, await scene.Status(scene.Owner, $"/api/media/{loose}"));
    }

    private static async Task<string> TicketOf(RestScene.Person person, string media) => (await person.Post($"/api/media/{media}/ticket")).Text("url");

    private static async Task<(HttpStatusCode, int)> Get(FileScene scene, string path, params (string, string)[] headers)
    {
        using var answer = await scene.Send(scene.Owner, HttpMethod.Get, path, null, headers);
        return (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync(Ct)).Length);
    }

    private static string One(HttpHeaders headers, string name) => Assert.Single(headers.NonValidated[name]);
}
