using Microsoft.Extensions.Logging;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// Encrypted conversations of two (specification 6): this server relays and keeps bytes that it can't read. Owns dm_public_keys,
/// dm_offline_queue and dm_offline_expired, the pairs of identity keys, and how far everybody has taken their messages.
/// </summary>
public sealed class DirectMessagesSlice : IAsyncDisposable
{
    private readonly Hub _hub;
    private readonly TakenRounds _rounds;

    public DirectMessagesSlice(
        Database database, MessageLog log, Hub hub, INodeBus bus, RateLimits limits, RealtimeOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        Keys = new DmKeys(database, bus, limits, time);
        Conversations = new DmConversations(database, log, limits, time);
        Messages = new DmMessages(database, log, limits, time);
        Live = new LiveDeliveries(time, options.DeadFoundWithin);
        Queue = new OfflineQueue(database, Live);
        Upkeep = new OfflineUpkeep(database, time);
        (_hub = hub).SessionsChanged += Live.Count;
        _rounds = new TakenRounds(Queue, time, loggers.CreateLogger<TakenRounds>());
    }

    public DmKeys Keys { get; }
    public DmConversations Conversations { get; }
    public DmMessages Messages { get; }
    public OfflineQueue Queue { get; }
    public LiveDeliveries Live { get; }
    public OfflineUpkeep Upkeep { get; }

    public async ValueTask DisposeAsync()
    {
        _hub.SessionsChanged -= Live.Count;
        await _rounds.DisposeAsync();
    }
}
