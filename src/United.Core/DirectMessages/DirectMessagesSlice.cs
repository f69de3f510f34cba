using Microsoft.Extensions.Logging;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// Encrypted conversations of two (specification 6): this server relays and keeps bytes that it can't read. Owns dm_public_keys, dm_payloads,
/// dm_offline_queue and dm_offline_expired, and the pairs of identity keys.
/// </summary>
public sealed class DirectMessagesSlice : IAsyncDisposable
{
    /// <param name="onLine">Whether somebody has a connection to any node, as far as this one knows.</param>
    public DirectMessagesSlice(
        Database database, MessageLog log, Hub hub, INodeBus bus, RateLimits limits, Func<Guid, bool> onLine, TimeProvider time, ILoggerFactory loggers)
    {
        Keys = new DmKeys(database, bus, limits, time);
        Conversations = new DmConversations(database, log, limits, time);
        Messages = new DmMessages(database, log, limits, onLine, time);
        Queue = new OfflineQueue(database, time);
        Live = new LiveDeliveries(Queue, hub, time, loggers.CreateLogger<LiveDeliveries>());
        Upkeep = new OfflineUpkeep(database, time);
    }

    public DmKeys Keys { get; }
    public DmConversations Conversations { get; }
    public DmMessages Messages { get; }
    public OfflineQueue Queue { get; }
    public LiveDeliveries Live { get; }
    public OfflineUpkeep Upkeep { get; }

    public ValueTask DisposeAsync() => Live.DisposeAsync();
}
