using Microsoft.Extensions.Logging;
using United.Core.Channels;
using United.Core.Conversations;
using United.Core.DirectMessages;
using United.Core.Identity;
using United.Core.Media;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Presence;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core;

/// <summary>What a node is made of above its database, made and joined in one place.</summary>
public sealed class CoreSetup : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CoreMeter _meter;
    private readonly WordList _words;
    private Task _following = Task.CompletedTask;
    private Task _collecting = Task.CompletedTask;
    private Task _auditing = Task.CompletedTask;

    private CoreSetup(
        Database database, INodeBus bus, Control control, IdentitySlice identity, MediaSlice media, RateLimits limits, CoreOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        (Database, Bus, Control, Identity, Media, Limits) = (database, bus, control, identity, media, limits);
        ChangesSince = new ChangesSince(database);
        Hub = new Hub(Reads(), options.Realtime, time, loggers.CreateLogger<Hub>());
        Log = new MessageLog(database, bus, limits, identity.Server.ServerId, time, options.Log, loggers.CreateLogger<MessageLog>()) { Stands = identity.Callers.Stands };
        Log.Doubted += Hub.Doubt;
        History = new History(database);
        Messages = new MessageReader(database);
        MediaReader = new MediaReader(database);
        Audit = new AuditLog(database);
        Refused = new RefusedAccesses(database, time, loggers.CreateLogger<RefusedAccesses>());
        Flagged = new FlaggedMessages(database, Log, time);
        Reports = new MessageReports(database, bus, time);
        Sync = new Sync(database, time);
        Search = new Search(database, time);
        SearchFollower = new SearchFollower(database, time, loggers.CreateLogger<SearchFollower>());
        Receipts = new ReceiptReader(database);
        ReceiptUpkeep = new ReceiptUpkeep(database, time);
        Channels = new ChannelDirectory(database, Log, control, limits, time);
        ConversationUpkeep = new ConversationUpkeep(database);
        Conversations = new ConversationDirectory(database, Log, control, bus, limits, time);
        Requests = new MessageRequests(database, Log, time);
        Presence = new PresenceBoard(database, Hub, bus, limits, time, loggers.CreateLogger<PresenceBoard>());
        Typing = new Typing(database, bus, limits, time);
        DirectMessages = new DirectMessagesSlice(database, Log, Hub, bus, limits, options.Realtime, time, loggers);
        _meter = new CoreMeter(Log, Hub, media.Uploads);
        _words = options.Log.Words;
        TakeWords();
        bus.Connect(new NodeReceiver(Accept, Hear, Apply));
    }

    public Database Database { get; }
    public INodeBus Bus { get; }
    public Control Control { get; }
    public IdentitySlice Identity { get; }
    public RateLimits Limits { get; }
    public ChangesSince ChangesSince { get; }
    public MediaSlice Media { get; }
    public MediaReader MediaReader { get; }
    public MessageLog Log { get; }
    public Hub Hub { get; }
    public History History { get; }
    public MessageReader Messages { get; }
    public AuditLog Audit { get; }
    public RefusedAccesses Refused { get; }
    public FlaggedMessages Flagged { get; }
    public MessageReports Reports { get; }
    public Sync Sync { get; }
    public Search Search { get; }
    public SearchFollower SearchFollower { get; }
    public ReceiptReader Receipts { get; }
    public ReceiptUpkeep ReceiptUpkeep { get; }
    public ChannelDirectory Channels { get; }
    public ConversationUpkeep ConversationUpkeep { get; }
    public ConversationDirectory Conversations { get; }
    public MessageRequests Requests { get; }
    public PresenceBoard Presence { get; }
    public Typing Typing { get; }
    public DirectMessagesSlice DirectMessages { get; }

    /// <summary>Reads what has to be known before the first request. The database has been migrated.</summary>
    public static async Task<CoreSetup> Start(
        Database database, INodeBus bus, CoreOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken ct = default)
    {
        var control = new Control(bus);
        var limits = new RateLimits(options.Identity.Limits, time);
        var identity = await IdentitySlice.Start(database, control, limits, options.Identity, time, ct);
        var media = await MediaSlice.Start(database, options.Media, time, loggers, ct);
        var setup = new CoreSetup(database, bus, control, identity, media, limits, options, time, loggers);
        await GeneralChannel.Ensure(database, time, ct);
        setup.Hub.Start();
        setup._following = setup.SearchFollower.Run(setup._stopping.Token);
        setup._auditing = setup.Refused.Run(setup._stopping.Token);
        setup._collecting = media.Collector.Run(setup._stopping.Token);
        return setup;
    }

    /// <summary>Finishes what the log has taken, then stops. The database stays open.</summary>
    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await _stopping.CancelAsync();
        await _following;
        await _collecting;
        await _auditing;
        await DirectMessages.DisposeAsync();
        await Presence.DisposeAsync();
        _meter.Dispose();
        Hub.Dispose();
        Identity.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Once in an hour or so: what time makes useless. Several nodes may do it at once.</summary>
    public async Task Tidy(CancellationToken ct)
    {
        await Identity.Upkeep.Run(ct);
        await ReceiptUpkeep.Run(ct);
        await Refused.Tidy(ct);
        await Conversations.Tidy(ct);
        await Log.SharedPosts.Run(ct);
        await ConversationUpkeep.Run(ct);
        await Media.Collector.Tidy(ct);
        await DirectMessages.Upkeep.Run(ct);
    }

    private void Accept(IReadOnlyList<Event> events)
    {
        DirectMessages.Live.Hear(events);
        Hub.Accept(events);
        Presence.Hear(events);
        SearchFollower.Hear(events);
        _meter.Count(events);
        if (events.Any(told => told is MessageDeleted or ConversationUpdated or ConversationRemoved)) Media.Collector.Ring();
    }

    private void Hear(Event hint)
    {
        if (hint is PresenceSignal signal) Presence.Accept(signal);
        else Hub.Hear(hint);
    }

    // Identity first: what the hub asks on account of the change must not be answered out of an old memory.
    private async ValueTask Apply(ControlChange change)
    {
        await Identity.Apply(change);
        // What was taken on the strength of a right that is gone now is finished before anybody hears that it is gone.
        if (change is ControlChange.SessionsEnded or ControlChange.UserChanged or ControlChange.RolesChanged or ControlChange.Blocked) await Log.Settled();
        if (change is ControlChange.SettingsChanged) TakeWords();
        if (change is ControlChange.UserChanged) Media.Collector.Ring();
        await Hub.Apply(change);
    }

    private void TakeWords() => Log.Words = Identity.Settings.Current.Words is { } words ? new WordList(words) : _words;

    private RealtimeReads Reads()
    {
        var conversations = new FeedReads(Database, ChangesSince);
        return new RealtimeReads
        {
            ChangesSince = conversations.Changes,
            Heads = conversations.Heads,
            OpenHeads = conversations.OpenHeads,
            Memberships = conversations.Memberships,
            JoinedSince = conversations.JoinedSince,
            ReadersOf = conversations.ReadersOf,
            SessionStands = async (userId, sessionId, ct) => (await Identity.Callers.Resolve(userId, sessionId, ct)).Ok,
            HoldersOf = Identity.Roles.HoldersOf,
        };
    }
}

/// <summary>What is set from outside, folded into plain values.</summary>
public sealed record CoreOptions
{
    public required IdentityOptions Identity { get; init; }

    public required MediaOptions Media { get; init; }

    public MessageLogOptions Log { get; init; } = new();

    public RealtimeOptions Realtime { get; init; } = new();
}
