namespace United.Server.ProtoSocket;

internal static class ProtoSocketSetup
{
    public static void AddProtoSocket(this IServiceCollection services)
    {
        services.AddSingleton<EventEncoder>();
        services.AddSingleton<Heartbeats>();
        services.AddSingleton<AuthFrames>();
        services.AddSingleton<ServerFrames>();
        services.AddSingleton<BlobFrames>();
        services.AddSingleton<MessagesFrames>();
        services.AddSingleton<ConversationsFrames>();
        services.AddSingleton<RequestsFrames>();
        services.AddSingleton<ReceiptsFrames>();
        services.AddSingleton<PresenceFrames>();
        services.AddSingleton<DirectMessagesFrames>();
        services.AddSingleton<ProtoSocketDispatch>();
        services.AddSingleton<ProtoSocketParts>();
        services.AddSingleton<ProtoSocketEndpoint>();
    }

    public static void MapProtoSocket(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/ws", routes.ServiceProvider.GetRequiredService<ProtoSocketEndpoint>().Open);
}
