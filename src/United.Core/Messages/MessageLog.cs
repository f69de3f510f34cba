using Microsoft.Extensions.Logging;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// The one place that changes conversations. Whatever comes, from all doors, waits in a bounded lane (one for each writer that
/// the database allows; a conversation always falls to the same one), and is committed together with what has gathered there.
/// What was acknowledged is committed; what was refused left nothing behind; events leave after the commit, in the order of
/// their revisions.
/// </summary>
public sealed class MessageLog : IAsyncDisposable
{
    private readonly Database _database;
    private readonly RateLimits _limits;
    private readonly Lane[] _lanes;
    private readonly SignedPosts _signed;
    private readonly TimeProvider _time;
    private readonly Watermarks _watermarks;

    /// <param name="serverId">The server's identity key, lower-case hex: part of what authors sign.</param>
    public MessageLog(
        Database database, INodeBus bus, RateLimits limits, string serverId, TimeProvider time, MessageLogOptions options, ILogger<MessageLog> logger)
    {
        (_database, _limits, _time, _signed, Words) = (database, limits, time, new SignedPosts(serverId), options.Words);
        SharedPosts = new SharedPostUpkeep(database, this);
        _watermarks = new Watermarks(database, bus, time, change => Append(change, CancellationToken.None));
        var count = database.Engine == Engine.Postgres ? options.Lanes : 1;
        _lanes = new Lane[count];
        for (var i = 0; i < count; i++) _lanes[i] = new Lane(LaneStore.Of(database), bus, time, options, logger, () => Doubted?.Invoke());
    }

    /// <summary>
    /// The database had been away in the middle of commits and answers again: something may be committed of which no event told.
    /// </summary>
    public event Action? Doubted;

    /// <summary>Changes that wait in all lanes.</summary>
    public int Waiting => _lanes.Sum(lane => lane.Waiting);

    /// <summary>Whether a caller is still who they were when they were resolved.</summary>
    public Func<Caller, bool> Stands { get; init; } = _ => true;

    public SharedPostUpkeep SharedPosts { get; }

    /// <summary>What flags a message. May be replaced at any time.</summary>
    public WordList Words { get; set; }

    public async Task<Result<PostResult>> Post(Caller caller, PostMessage request, CancellationToken ct = default)
    {
        if (await TooOften(caller) is { } wait) return wait;
        return Draft(caller, request).TryGet(out var draft, out var refusal) ? await Append(caller, new PostChange(draft), ct) : refusal;
    }

    /// <summary>By the sender. Answers with the message as it is now.</summary>
    public async Task<Result<Message>> Edit(Caller caller, EditMessage request, CancellationToken ct = default)
    {
        if (await TooOften(caller) is { } wait) return wait;
        if (PostRules.Words(request.Content) is { } refusal) return refusal;
        return await Append(caller, new EditChange(caller, request, Words.Matches(request.Content), Now), ct);
    }

    /// <summary>For everybody: by the sender, in channels also by those who manage messages, in groups by admins.</summary>
    /// <returns>The revision of the deletion.</returns>
    public async Task<Result<long>> Delete(Caller caller, DeleteMessage request, CancellationToken ct = default) =>
        await TooOften(caller) is { } wait ? wait : await Delete(caller, new DeleteChange(caller, request, _time), ct);

    // Once it is gone the rest follows, even if the caller goes.
    internal async Task<Result<long>> Delete(Caller caller, DeleteChange change, CancellationToken ct)
    {
        var deleted = await Append(caller, change, ct);
        if (deleted.Ok) await SharedPosts.Forget(change.MessageId, CancellationToken.None);
        return deleted;
    }

    public Task<Result<ReactionResult>> React(Caller caller, AddReaction request, CancellationToken ct = default) =>
        React(caller, request.MessageId, request.Emoji, request.Toggle ? ReactionAct.Toggle : ReactionAct.Add, ct);

    public Task<Result<ReactionResult>> Unreact(Caller caller, RemoveReaction request, CancellationToken ct = default) =>
        React(caller, request.MessageId, request.Emoji, ReactionAct.Remove, ct);

    public Task<Result<WatermarkResult>> MarkRead(Caller caller, MoveWatermark request, CancellationToken ct = default) =>
        _watermarks.Move(caller, WatermarkKind.Read, request, ct);

    public Task<Result<WatermarkResult>> MarkDelivered(Caller caller, MoveWatermark request, CancellationToken ct = default) =>
        _watermarks.Move(caller, WatermarkKind.Delivered, request, ct);

    /// <summary>
    /// Runs a change of a slice, unless a session or a right of its caller has ended since they were resolved. It is refused as
    /// unavailable, at once, where the queue is full.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller has gone. The change may have been made all the same.</exception>
    public Task<Result<T>> Append<T>(Caller caller, Change<T> change, CancellationToken ct) =>
        LaneOf(change.ConversationId).Append(change, () => Stands(caller), ct);

    /// <summary>The same for what is nobody's act, or follows from one that was done.</summary>
    public Task<Result<T>> Append<T>(Change<T> change, CancellationToken ct) => LaneOf(change.ConversationId).Append(change, stands: null, ct);

    /// <summary>
    /// Returns when everything that was taken before is committed or refused. Awaited where somebody lost a right that changes were
    /// checked for when they were taken.
    /// </summary>
    public Task Settled() => Task.WhenAll(_lanes.Select(lane => lane.Settled()));

    /// <summary>Takes nothing more and finishes what waits.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_lanes.Select(lane => lane.Stop()));

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private Result<PostDraft> Draft(Caller caller, PostMessage request)
    {
        var draft = PostRules.Draft(caller, request, Words, _time);
        return draft.Ok && request.Origin is { } origin ? _signed.Sign(draft.Value, origin) : draft;
    }

    // One allowance for whatever somebody does to messages, by whichever door.
    private ValueTask<Refusal?> TooOften(Caller caller) => _limits.Ask(Limit.Message, caller.UserId);

    // A message never moves to another conversation, so this may be read before the lock.
    private async Task<Result<ReactionResult>> React(Caller caller, Guid messageId, string emoji, ReactionAct act, CancellationToken ct)
    {
        if (await TooOften(caller) is { } wait) return wait;
        var conversation = await _database.Read(sql => sql.One(
            "select conversation_id from messages where id = @id", row => (Guid?)row.Uuid(0), ("id", messageId)), ct);
        if (conversation is not { } id) return Fault.NotFound;
        if (!(await Append(caller, new ReactionChange(caller, id, messageId, emoji, act, Now), ct)).TryGet(out var done, out var refusal)) return refusal;
        // After the commit, where it keeps nobody waiting; but nothing that came later, which the caller may not be allowed to read any more.
        var standing = await _database.Read(sql => ReactionRows.Standing(sql, messageId, done.Head), ct);
        return new ReactionResult(done.Changed, done.Added, done.Revision, standing);
    }

    private Lane LaneOf(Guid conversationId) => _lanes[Ids.Bucket(conversationId) % _lanes.Length];
}
