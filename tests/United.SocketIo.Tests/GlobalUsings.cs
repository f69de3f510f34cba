global using United.SocketIo.Tests.Hosting;
global using Xunit;
