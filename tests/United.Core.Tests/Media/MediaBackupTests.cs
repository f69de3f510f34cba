using System.Formats.Tar;
using System.IO.Compression;
using United.Core.Media;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Media;

public sealed class MediaBackupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("united-media-backup-").FullName;

    private string Archive => Path.Combine(_directory, "backup.tar.gz");

    private string Restored => Path.Combine(_directory, "media");

    [Theory, EachDatabase]
    public async Task A_backup_brings_the_files_back_into_the_other_database(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        var (ann, room) = (await scene.Log.Person(), await scene.Log.OpenChannel());
        var (image, again, large) = (
            (await scene.Upload(ann, MediaSamples.Png())).Value, (await scene.Upload(ann, MediaSamples.Png())).Value, (await scene.Upload(ann, new byte[900_000])).Value);
        await scene.Post(ann, room, image.Id, large.Id);
        await scene.Upload(ann, MediaSamples.Gif());
        File.Delete(scene.PathOf(scene.Files.Single(file => File.ReadAllBytes(scene.PathOf(file)).AsSpan().StartsWith("GIF"u8))));

        var report = await Make(scene);

        Assert.Equal((2, 1), (report.Files, report.Lost));
        await using var other = await TestDatabase.Create(engine == Engine.Sqlite ? Engine.Postgres : Engine.Sqlite, migrate: false);
        var folder = new MediaFolder(Restored);
        await Restore.Into(other.Database, Archive, replace: false, TimeProvider.System, _ => Task.CompletedTask, MediaBackup.Of(folder), TestContext.Current.CancellationToken);
        var reader = new Core.Messages.MediaReader(other.Database);
        foreach (var (media, bytes) in ((MessageMedia, byte[])[])[(image, MediaSamples.Png()), (again, MediaSamples.Png()), (large, new byte[900_000])])
        {
            await using var file = folder.Open((await reader.Find(ann, media.Id, TestContext.Current.CancellationToken)).Value.Hash);
            var read = new byte[bytes.Length];
            await file!.ReadExactlyAsync(read, TestContext.Current.CancellationToken);
            Assert.Equal(bytes, read);
            Assert.Equal(bytes.Length, file.Length);
        }
        Assert.Equal(2, Directory.GetFiles(Restored, "*", SearchOption.AllDirectories).Length);
    }

    [Theory, EachDatabase]
    public async Task A_file_that_was_deleted_while_the_backup_was_made_is_not_lost(Engine engine)
    {
        await using var scene = await MediaScene.On(engine);
        await scene.Upload(await scene.Log.Person(), MediaSamples.Png());
        var files = MediaBackup.Of(scene.Slice.Folder);
        var meanwhile = files with
        {
            Names = async sql =>
            {
                var names = await files.Names(sql);
                await scene.Database.Write(sql => sql.Execute("delete from media"), TestContext.Current.CancellationToken);
                foreach (var file in scene.Files) File.Delete(scene.PathOf(file));
                return names;
            },
        };

        var report = await Backup.Write(scene.Database, Stream.Null, "test", TimeProvider.System, meanwhile, TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (report.Files, report.Lost));
    }

    [Fact]
    public async Task A_file_that_the_disk_has_spoilt_is_left_out_and_one_that_the_archive_has_spoilt_is_refused()
    {
        await using var scene = await MediaScene.On(Engine.Sqlite);
        var ann = await scene.Log.Person();
        await scene.Upload(ann, MediaSamples.Png());
        var path = scene.PathOf(scene.Files[0]);
        await File.WriteAllBytesAsync(path, MediaSamples.Gif(), TestContext.Current.CancellationToken);
        var report = await Make(scene);
        Assert.Equal((0, 1), (report.Files, report.Lost));
        await File.WriteAllBytesAsync(path, MediaSamples.Png(), TestContext.Current.CancellationToken);
        await Make(scene);
        await using var other = await TestDatabase.Create(Engine.Sqlite);

        foreach (var (name, bytes) in ((string?, byte[])[])[(null, MediaSamples.Gif()), ("media/../../escaped", MediaSamples.Png())])
        {
            Rewrite(name, bytes);
            await Assert.ThrowsAsync<BackupException>(() => Restore.Into(
                other.Database, Archive, replace: true, TimeProvider.System, _ => Task.CompletedTask, MediaBackup.Of(new MediaFolder(Restored)), TestContext.Current.CancellationToken));
        }
        Assert.Empty(Directory.GetFiles(Restored, "*", SearchOption.AllDirectories));
        Assert.Equal(0, await other.Database.Read(sql => sql.Count("select count(*) from users"), TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<BackupReport> Make(MediaScene scene)
    {
        await using var file = File.Create(Archive);
        return await Backup.Write(scene.Database, file, "test", TimeProvider.System, MediaBackup.Of(scene.Slice.Folder), TestContext.Current.CancellationToken);
    }

    // The file's entry with another name or other bytes, its checksum as before.
    private void Rewrite(string? name, byte[] bytes)
    {
        var entries = new List<(string Name, byte[] Content)>();
        using (var tar = new TarReader(new GZipStream(File.OpenRead(Archive), CompressionMode.Decompress)))
        {
            while (tar.GetNextEntry(copyData: true) is { } entry)
            {
                using var content = new MemoryStream();
                entry.DataStream?.CopyTo(content);
                entries.Add(entry.Name.StartsWith("media/", StringComparison.Ordinal) ? (name ?? entry.Name, bytes) : (entry.Name, content.ToArray()));
            }
        }
        using var file = File.Create(Archive);
        using var written = new TarWriter(new GZipStream(file, CompressionLevel.Fastest), TarEntryFormat.Ustar);
        foreach (var (entry, content) in entries) written.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, entry) { DataStream = new MemoryStream(content) });
    }
}
