using Google.Protobuf;

namespace United.Server.ProtoSocket;

internal static class Sizes
{
    /// <summary>What a message takes as a repeated field of another: its tag (two bytes at most here), its length, itself.</summary>
    public static int AsField(IMessage message)
    {
        var size = message.CalculateSize();
        return 2 + CodedOutputStream.ComputeLengthSize(size) + size;
    }
}
