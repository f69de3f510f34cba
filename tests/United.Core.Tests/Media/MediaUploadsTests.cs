using System.Security.Cryptography;
using United.Core.Media;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Media;

public sealed class MediaUploadsTests
{
    [Theory, EachDatabase]
    public async Task An_upload_is_described_by_its_bytes_and_by_its_uploader_where_they_are_silent(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var waveform = RandomNumberGenerator.GetBytes(64);
        var said = new DescribeMedia("../mein Bild.png", Width: 9, Height: 9, Duration: 1500, waveform);

        var image = (await scene.Upload(ann, MediaSamples.Png(640, 480), said)).Value;
        var video = (await scene.Upload(ann, MediaSamples.Mp4("isom", "vide"), said with { ThumbnailId = image.Id })).Value;
        var voice = (await scene.Upload(ann, MediaSamples.Opus(), said)).Value;
        var file = (await scene.Upload(ann, [1, 2, 3], said)).Value;

        Assert.Equal(new MessageMedia(image.Id, MediaType.Image, "image/png", "mein Bild.png", MediaSamples.Png().Length, 640, 480, null, null, null), image);
        Assert.Equal((MediaType.Video, 9, 9, 1500L, image.Id), (video.Type, video.Width, video.Height, video.Duration, video.ThumbnailId));
        Assert.Equal((MediaType.Voice, null as int?, 1500L), (voice.Type, voice.Width, voice.Duration));
        Assert.Equal(waveform, voice.Waveform);
        Assert.Equal((MediaType.File, "application/octet-stream", null as int?, null as long?), (file.Type, file.ContentType, file.Width, file.Duration));
        foreach (var media in (MessageMedia[])[image, video, voice, file])
        {
            var stored = (await scene.Reader.Find(ann, media.Id)).Value.Media;
            Assert.Equal(media.Waveform, stored.Waveform);
            Assert.Equal(media with { Waveform = null }, stored with { Waveform = null });
        }
    }

    [Theory, EachDatabase]
    public async Task The_same_bytes_twice_are_two_rows_and_one_file(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (ann, bob) = (await scene.Log.Person(), await scene.Log.Person());

        var first = (await scene.Upload(ann, MediaSamples.Png())).Value;
        var second = (await scene.Upload(bob, MediaSamples.Png())).Value;

        Assert.NotEqual(first.Id, second.Id);
        var hash = Convert.ToHexStringLower(SHA256.HashData(MediaSamples.Png()));
        Assert.Equal([Path.Combine(hash[..2], hash[2..4], hash)], scene.Files);
        Assert.Equal(MediaSamples.Png(), await File.ReadAllBytesAsync(scene.PathOf(scene.Files[0]), TestContext.Current.CancellationToken));
    }

    [Theory, EachDatabase]
    public async Task What_is_wrong_is_refused_and_leaves_nothing(Engine engine)
    {
        await using var scene = await MediaScene.On(engine, mostBytes: 1000, quotaBytes: 1500);
        var (ann, bob) = (await scene.Log.Person(), await scene.Log.Person());
        var bobs = (await scene.Upload(bob, MediaSamples.Png())).Value;
        var file = (await scene.Upload(ann, [1, 2, 3])).Value;
        var picture = (await scene.Upload(ann, MediaSamples.Png(), new DescribeMedia(""))).Value;
        var framed = (await scene.Upload(ann, MediaSamples.Gif(), new DescribeMedia("", ThumbnailId: picture.Id))).Value;
        var (rows, files) = (await Rows(scene), scene.Files);

        foreach (var (bytes, said, refused) in ((byte[], DescribeMedia, string)[])
            [
                ([], new(""), "validation_failed file"),
                (new byte[1001], new(""), "too_large file"),
                (new byte[1000], new(""), null!),
                (new byte[600], new(""), "too_many file"),
                (MediaSamples.Png(40_001, 1_000), new(""), "validation_failed file"),
                (MediaSamples.Png(1, 500_000_000), new(""), "validation_failed file"),
                (MediaSamples.WebPExtended(10_000, 4_001), new(""), "validation_failed file"),
                (MediaSamples.Mp4("isom", "vide"), new("", Width: 0), "validation_failed width"),
                (MediaSamples.Mp4("isom", "vide"), new("", Height: 65_536), "validation_failed height"),
                (MediaSamples.Opus(), new("", Duration: -1), "validation_failed duration"),
                (MediaSamples.Opus(), new("", Duration: 86_400_001), "validation_failed duration"),
                (MediaSamples.Opus(), new("", Waveform: new byte[63]), "validation_failed waveform"),
                (MediaSamples.Gif(), new("", ThumbnailId: bobs.Id), "validation_failed thumbnail"),
                (MediaSamples.Gif(), new("", ThumbnailId: file.Id), "validation_failed thumbnail"),
                (MediaSamples.Gif(), new("", ThumbnailId: framed.Id), "validation_failed thumbnail"),
                (MediaSamples.Gif(), new("", ThumbnailId: Ids.New(scene.Time)), "validation_failed thumbnail"),
            ])
        {
            var refusal = (await scene.Upload(ann, bytes, said)).Refusal;
            if (refused is not null) Assert.Equal(refused, $"{refusal?.Fault.Code} {refusal?.Field}");
            else (rows, files) = (await Rows(scene), scene.Files);
        }
        Assert.Equal(rows, await Rows(scene));
        Assert.Equal(files, scene.Files);
    }

    [Theory, EachDatabase]
    public async Task An_account_can_not_upload_beyond_its_quota_however_many_at_once(Engine engine)
    {
        await using var scene = await MediaScene.On(engine, quotaBytes: 1000);
        var (ann, bob) = (await scene.Log.Person(), await scene.Log.Person());

        var uploads = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => Task.Run(() => scene.Upload(ann, [(byte)i, .. new byte[99]]))));

        Assert.Equal(10, uploads.Count(upload => upload.Ok));
        Assert.All(uploads.Where(upload => !upload.Ok), upload => Assert.Equal(Fault.TooMany, upload.Refusal!.Fault));
        Assert.Equal(10, scene.Files.Length);
        Assert.Equal(Fault.TooMany, (await scene.Slice.Uploads.Admit(ann, 1)).Refusal!.Fault);
        Assert.Equal(Fault.TooLarge, (await scene.Slice.Uploads.Admit(bob, 1_000_001)).Refusal!.Fault);
        Assert.True((await scene.Slice.Uploads.Admit(bob, 1000)).Ok);
        Assert.True((await scene.Upload(bob, new byte[1000])).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_body_that_breaks_off_anywhere_leaves_nothing(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var random = new Random(3);

        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAsync<IOException>(() => scene.Slice.Uploads.Receive(new BreakingStream(random.Next(300_000))));

        Assert.Empty(scene.Files);
        Assert.Equal(0, await Rows(scene));
    }

    [Theory, EachDatabase]
    public async Task A_disk_that_takes_nothing_refuses_uploads_alone(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        var kept = (await scene.Upload(ann, MediaSamples.Png())).Value;
        await using var received = (await scene.Slice.Uploads.Receive(new MemoryStream(MediaSamples.Gif()))).Value;
        Directory.Delete(scene.PathOf("incoming"), recursive: true);

        Assert.Equal(Fault.Unavailable, (await scene.Upload(ann, MediaSamples.Jpeg())).Refusal!.Fault);
        Assert.Equal(Fault.Unavailable, (await scene.Slice.Uploads.Keep(ann, received, new DescribeMedia(""))).Refusal!.Fault);

        Assert.Equal(1, await Rows(scene));
        await using var file = scene.Slice.Folder.Open((await scene.Reader.Find(ann, kept.Id)).Value.Hash);
        Assert.NotNull(file);
    }

    [Theory, EachDatabase]
    public async Task Who_was_suspended_meanwhile_keeps_nothing(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var ann = await scene.Log.Person();
        await using var file = (await scene.Slice.Uploads.Receive(new MemoryStream(MediaSamples.Png()))).Value;
        await scene.Database.Write(sql => sql.Execute("update users set suspended_at = 1 where id = @id", ("id", ann.UserId)));

        Assert.Equal(Fault.SessionEnded, (await scene.Slice.Uploads.Keep(ann, file, new DescribeMedia(""))).Refusal!.Fault);
        Assert.Equal(0, await Rows(scene));
    }

    private static Task<long> Rows(MediaScene scene) => scene.Log.Count("select count(*) from media");

    private sealed class BreakingStream(int after) : MemoryStream(new byte[after])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new IOException("The connection broke.");
    }
}
