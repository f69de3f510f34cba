using Google.Protobuf;
using United.Core;
using United.Core.Identity;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>30 and 31: the client's encrypted key material.</summary>
internal sealed class BlobFrames(KeyBackups backups)
{
    public Task<Result<Envelope>> StoreOrRead(Caller caller, BlobStoreRequest request, CancellationToken ct) =>
        request.Blob.IsEmpty ? Read(caller, request, ct) : Store(caller, request, ct);

    private async Task<Result<Envelope>> Read(Caller caller, BlobStoreRequest request, CancellationToken ct)
    {
        return Fields.Answer(await backups.Read(caller, Fields.NumberOrNone(request.Version), ct), backup => Of(backup.Version, ByteString.CopyFrom(backup.Blob)));
    }

    private async Task<Result<Envelope>> Store(Caller caller, BlobStoreRequest request, CancellationToken ct)
    {
        if (request.Version == 0) return Refusal.Invalid("version", "starts at 1");
        return Fields.Answer(await backups.Write(caller, request.Blob.Memory, Fields.Number(request.Version) - 1, ct), version => Of(version, ByteString.Empty));
    }

    private static Envelope Of(long version, ByteString blob) =>
        new() { BlobStoreResponse = new BlobStoreResponse { Version = (ulong)version, Blob = blob } };
}
