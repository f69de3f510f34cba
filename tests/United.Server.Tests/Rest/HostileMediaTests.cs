using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>Files and requests that want something else than to be kept.</summary>
public sealed class HostileMediaTests
{
    private static readonly (string Name, string Content)[] Downloaded =
    [
        ("evil.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.html", "<!doctype html><script>alert(document.domain)</script>"),
        ("photo.png", "<html><script>alert(1)</script>"),
        ("doc.xml", "<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>"),
        ("doc.pdf", "%PDF-1.7 <script>alert(1)</script>"),
        ("app.hta", "\0\0binary"),
    ];

    private static readonly string[] NoUploads =
    [
        "POST /api/media HTTP/1.1\r\n{0}Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
        "POST /api/media HTTP/1.1\r\n{0}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 3\r\n\r\nabc",
        "POST /api/media HTTP/1.1\r\n{0}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 7\r\n\r\n--b--\r\n",
        "POST /api/media HTTP/1.1\r\n{0}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 44\r\n\r\n--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b",
        "POST /api/media HTTP/1.1\r\n{0}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 65\r\n\r\n--b\r\nContent-Disposition: form-data; name=file; filename=x\r\n\r\nabcde",
        "POST /api/media HTTP/1.1\r\n{0}Content-Length: 0\r\n\r\n",
        "POST /api/media HTTP/1.1\r\n{0}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Markup_and_documents_are_downloaded_never_shown(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        foreach (var (name, content) in Downloaded)
        {
            var uploaded = await scene.UploadForm(scene.Owner, Encoding.UTF8.GetBytes(content), name); // the form says text/html

            Assert.Equal("file", uploaded.GetProperty("media_type").GetString());
            using var answer = await scene.Send(scene.Owner, HttpMethod.Get, $"/api/media/{uploaded.GetProperty("id").GetString()}");
            Assert.Contains(answer.Content.Headers.ContentType!.MediaType, (string[])["text/plain", "application/pdf", "application/octet-stream"]);
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
            Assert.Contains("nosniff", answer.Headers.NonValidated["X-Content-Type-Options"]);
            Assert.Contains("sandbox", answer.Headers.NonValidated["Content-Security-Policy"].ToString(), StringComparison.Ordinal);
        }
    }

    [Theory, EachDatabase]
    public async Task A_name_breaks_out_of_no_header_and_no_folder(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var id = await FileScene.Uploaded(scene.Owner, MediaSamples.Png(), "?name=" + Uri.EscapeDataString("../../x\"\r\nSet-Cookie: a=b\r\n\r\n<b>\u202Egnp.exe"));

        using var answer = await scene.Send(scene.Owner, HttpMethod.Get, $"/api/media/{id}");

        Assert.False(answer.Headers.Contains("Set-Cookie"));
        var disposition = Assert.Single(answer.Content.Headers.NonValidated["Content-Disposition"]);
        Assert.DoesNotContain('\u202E', disposition);
        Assert.DoesNotContain("..", disposition, StringComparison.Ordinal);
        Assert.All(scene.Files, file => Assert.Matches("^[0-9a-f]{64}$", Path.GetFileName(file)));
    }

    [Theory, EachDatabase]
    public async Task What_is_no_upload_is_400_and_leaves_nothing(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);

        foreach (var request in NoUploads)
            Assert.StartsWith("HTTP/1.1 400", await Exchange(scene, string.Format(CultureInfo.InvariantCulture, request, Head(scene))), StringComparison.Ordinal);
        Assert.Empty(scene.Files);
        Assert.Equal(0, await scene.Rows());
    }

    [Theory, EachDatabase]
    public async Task Mutated_forms_are_kept_whole_or_refused_and_nothing_fails(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var random = new Random(5);
        byte[] form =
        [
            .. "--b\r\nContent-Disposition: form-data; name=width\r\n\r\n640\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.png\"; filename*=UTF-8''x.png\r\n"u8,
            .. "Content-Type: image/png\r\n\r\n"u8, .. MediaSamples.Png(), .. "\r\n--b\r\nContent-Disposition: form-data; name=duration\r\n\r\n1.5\r\n--b--\r\n"u8,
        ];
        var statuses = new HashSet<HttpStatusCode>();
        for (var i = 0; i < 1000; i++)
        {
            var bytes = form.ToArray();
            for (var changes = random.Next(4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var content = new ByteArrayContent(bytes, 0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length);
            content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
            using var answer = await scene.Send(scene.Owner, HttpMethod.Post, "/api/media", content);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.BadRequest], statuses.Order());
        Assert.Equal(scene.Files.Length, await scene.Rest.Core.Database.Read(sql => sql.Count("select count(distinct sha256) from media"), Ct));
    }

    [Theory, EachDatabase]
    public async Task A_file_above_the_limit_is_413_by_length_and_in_chunks(Engine engine)
    {
        await using var scene = await FileScene.Start(engine, ("Limits:UploadMegabytes", "1"));
        foreach (var chunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/media") { Content = new ByteArrayContent(new byte[1_048_577 + 100_000]) };
            request.Headers.Authorization = new("Bearer", scene.Owner.User.AccessToken);
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = true;

            using var answer = await scene.Rest.Server.Client.SendAsync(request, Ct);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
        Assert.Equal(HttpStatusCode.Created, (await FileScene.Upload(scene.Owner, new byte[1_048_576])).Status);
        Assert.Single(scene.Files);
    }

    [Theory, EachDatabase]
    public async Task A_connection_that_is_cut_anywhere_leaves_no_file_no_row_and_the_quota_as_it_was(Engine engine)
    {
        await using var scene = await FileScene.Start(engine, ("Limits:UploadQuotaMegabytes", "1"));
        var random = new Random(11);
        var body = Encoding.Latin1.GetBytes("--b\r\nContent-Disposition: form-data; name=file; filename=x.png\r\n\r\n" + Encoding.Latin1.GetString(new byte[600_000]) + "\r\n--b--\r\n");
        var head = Encoding.ASCII.GetBytes($"POST /api/media HTTP/1.1\r\n{Head(scene)}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {body.Length}\r\n\r\n");

        for (var i = 0; i < 20; i++)
        {
            using var client = new TcpClient { LingerState = new LingerOption(random.Next(2) == 0, 0) }; // by reset, or in order
            await client.ConnectAsync(scene.Rest.Server.Address.Host, scene.Rest.Server.Address.Port, Ct);
            await client.GetStream().WriteAsync(head, Ct);
            await client.GetStream().WriteAsync(body.AsMemory(0, random.Next(body.Length)), Ct);
        }

        while (scene.Files.Length > 0) await Task.Delay(5, Ct);
        Assert.Equal(0, await scene.Rows());
        Assert.Equal(HttpStatusCode.Created, (await FileScene.Upload(scene.Owner, new byte[1_048_576])).Status);
        Assert.Equal("409 too_many file", (await FileScene.Upload(scene.Owner, [1])).Refusal);
    }

    [Theory, EachDatabase]
    public async Task A_body_that_stands_still_is_cut_and_leaves_nothing(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);

        var answer = await Exchange(scene, $"POST /api/media HTTP/1.1\r\n{Head(scene)}Content-Length: 1000\r\n\r\nonly this");

        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        while (scene.Files.Length > 0) await Task.Delay(5, Ct);
        Assert.Equal(0, await scene.Rows());
    }

    [Theory, EachDatabase]
    public async Task Uploads_are_limited_in_number_and_at_a_time(Engine engine)
    {
        await using var scene = await FileScene.Start(engine, ("Limits:UploadsPerMinute", "6"));
        var open = new List<TcpClient>();
        for (var i = 0; i < 4; i++)
        {
            open.Add(new TcpClient(scene.Rest.Server.Address.Host, scene.Rest.Server.Address.Port));
            await open[i].GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /api/media HTTP/1.1\r\n{Head(scene)}Content-Length: 1000\r\n\r\n{new string('x', 500)}"), Ct);
        }
        while (scene.Files.Length < 4) await Task.Delay(5, Ct);

        Assert.Equal("429 rate_limited", (await FileScene.Upload(scene.Owner, [1])).Refusal); // four at a time
        foreach (var client in open) client.Dispose();
        while (scene.Files.Length > 0) await Task.Delay(5, Ct);
        Assert.Equal(HttpStatusCode.Created, (await FileScene.Upload(scene.Owner, [1])).Status);
        Assert.Equal("429 rate_limited", (await FileScene.Upload(scene.Owner, [1])).Refusal); // six a minute
    }

    [Theory, EachDatabase]
    public async Task Uploads_are_limited_by_address_whoever_sends_them(Engine engine)
    {
        await using var scene = await FileScene.Start(engine, [("Limits:UploadsPerMinute", "4"), ("Limits:UploadsPerMinutePerAddress", "6")]);
        var bob = await scene.Rest.Member("bob");

        for (var i = 0; i < 4; i++) Assert.Equal(HttpStatusCode.Created, (await FileScene.Upload(scene.Owner, [1])).Status);
        for (var i = 0; i < 4; i++) Assert.Equal("429 rate_limited", (await FileScene.Upload(scene.Owner, [1])).Refusal); // what is refused takes nothing from others
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.Created, (await FileScene.Upload(bob, [1])).Status);
        Assert.Equal("429 rate_limited", (await FileScene.Upload(bob, [1])).Refusal);
    }

    // What an operator may collect of requests: traces. Logs of requests are off altogether.
    [Theory, EachDatabase]
    public async Task A_ticket_stands_in_no_trace(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var id = await FileScene.Uploaded(scene.Owner, MediaSamples.Png());
        var url = (await scene.Owner.Post($"/api/media/{id}/ticket")).Text("url");
        var ticket = url[(url.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var trace = ActivityTraceId.CreateRandom();
        var traced = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _ = activity.TraceId == trace && traced.TrySetResult(activity),
        };
        ActivitySource.AddActivityListener(listener);

        using var answer = await scene.Send(null, HttpMethod.Get, url, null, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));

        var activity = await traced.Task;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(ticket, string.Concat(activity.DisplayName, string.Concat(activity.TagObjects), string.Concat(activity.Baggage)), StringComparison.Ordinal);
    }

    private static string Head(FileScene scene) => $"Host: localhost\r\nAuthorization: Bearer {scene.Owner.User.AccessToken}\r\nConnection: close\r\n";

    private static async Task<string> Exchange(FileScene scene, string bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(scene.Rest.Server.Address.Host, scene.Rest.Server.Address.Port, Ct);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes), Ct);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(Ct);
    }
}
