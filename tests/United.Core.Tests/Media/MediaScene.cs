using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;

namespace United.Core.Tests.Media;

/// <summary>Uploads over an empty database and folder, with messages that hold them.</summary>
internal sealed class MediaScene : IAsyncDisposable
{
    private readonly string _directory;

    private MediaScene(LogScene log, MediaSlice slice, ManualTime time, string directory) => (Log, Slice, Time, _directory) = (log, slice, time, directory);

    public LogScene Log { get; }

    public MediaSlice Slice { get; }

    public ManualTime Time { get; }

    public Database Database => Log.Database;

    public MediaReader Reader => new(Database);

    /// <summary>Of the whole folder, incoming files too.</summary>
    public string[] Files => [.. Directory.EnumerateFiles(_directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_directory, path)).Order(StringComparer.Ordinal)];

    public static async Task<MediaScene> On(Engine engine, long mostBytes = 1_000_000, long quotaBytes = 10_000_000)
    {
        var time = new ManualTime();
        var log = await LogScene.On(engine, time: time);
        var directory = Directory.CreateTempSubdirectory("united-media-").FullName;
        return new MediaScene(log, await Start(log.Database, directory, mostBytes, quotaBytes, time), time, directory);
    }

    /// <summary>Another node over the same database and folder.</summary>
    public Task<MediaSlice> OtherNode() => NodeOver(Database);

    public Task<MediaSlice> NodeOver(Database database) => Start(database, _directory, 1_000_000, 10_000_000, Time);

    public string PathOf(string relative) => Path.Combine(_directory, relative);

    public async Task<Result<MessageMedia>> Upload(Caller caller, byte[] bytes, DescribeMedia? said = null, MediaSlice? node = null)
    {
        var uploads = (node ?? Slice).Uploads;
        if (!(await uploads.Receive(new MemoryStream(bytes))).TryGet(out var file, out var refusal)) return refusal;
        await using (file) return await uploads.Keep(caller, file, said ?? new DescribeMedia("a file"));
    }

    /// <summary>A message of theirs that holds these.</summary>
    public Task<PostResult> Post(Caller caller, Guid conversationId, params Guid[] media) => Log.Post(caller, new PostMessage(conversationId, "", MediaIds: media));

    public async Task Delete(Caller caller, Guid conversationId, Guid messageId) => _ = (await Log.Log.Delete(caller, new DeleteMessage(conversationId, messageId))).Value;

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static Task<MediaSlice> Start(Database database, string directory, long mostBytes, long quotaBytes, ManualTime time) => MediaSlice.Start(
        database, new MediaOptions { Directory = directory, MostBytes = mostBytes, QuotaBytes = quotaBytes }, time, NullLoggerFactory.Instance);
}
