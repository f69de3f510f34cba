using United.Core;
using United.Core.Messages;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>172, 173, 190 and 191: who has got and read what.</summary>
internal sealed class ReceiptsFrames(ReceiptReader receipts)
{
    public async Task<Result<Envelope>> Fetch(Caller caller, FetchReceipts request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        if (!Fields.Id(request.MessageId, "message_id").TryGet(out var message, out refusal)) return refusal;
        return Fields.Answer(await receipts.Of(caller, conversation, message, ct), found => new() { ReceiptList = Of(found) });
    }

    public static Envelope Of(ReceiptMoved moved) => moved.Kind == WatermarkKind.Read
        ? new()
        {
            ReadEvent = new ReadEvent
            {
                ConversationId = Shapes.Id(moved.Conversation),
                UserId = Shapes.Id(moved.UserId),
                Sequence = (ulong)moved.Sequence,
                At = (ulong)moved.At,
                MessageId = Shapes.Id(moved.MessageId),
            },
        }
        : new()
        {
            DeliveredEvent = new DeliveredEvent
            {
                ConversationId = Shapes.Id(moved.Conversation),
                UserId = Shapes.Id(moved.UserId),
                Sequence = (ulong)moved.Sequence,
                At = (ulong)moved.At,
                MessageId = Shapes.Id(moved.MessageId),
            },
        };

    private static ReceiptList Of(MessageReceipts found)
    {
        var list = new ReceiptList { Status = Words.Of(found.Status) };
        list.Items.AddRange(found.Items.Select(Of));
        return list;
    }

    private static Wire.Ws.MessageReceipt Of(Core.Messages.MessageReceipt receipt)
    {
        var shape = new Wire.Ws.MessageReceipt { UserId = Shapes.Id(receipt.UserId) };
        if (receipt.DeliveredAt is { } delivered) shape.DeliveredAt = (ulong)delivered;
        if (receipt.ReadAt is { } read) shape.ReadAt = (ulong)read;
        return shape;
    }
}
