using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// Somebody's watermark moved, in a conversation where that is told to others (direct, dm, groups of up to 256). Takes no revision: it
/// only moves forward, and sync tells of it again.
/// </summary>
/// <param name="MessageId">The message at the watermark.</param>
/// <param name="At">Unix milliseconds.</param>
public sealed record ReceiptMoved(Guid Conversation, Guid UserId, WatermarkKind Kind, long Sequence, Guid MessageId, long At) : Hint(Conversation);
