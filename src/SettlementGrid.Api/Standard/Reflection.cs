using Google.Protobuf.Reflection;
using Grpc.Reflection.V1;

namespace SettlementGrid.Api;

/// <summary>
/// grpc.reflection.v1: which services there are and the .proto files they come from, so that tools can call them
/// without a copy of ours. The wire's messages only; nothing of the program's state.
/// </summary>
internal sealed class Reflection
{
    private readonly List<string> _services = [];
    private readonly Dictionary<string, FileDescriptor> _byName = [];
    private readonly Dictionary<string, FileDescriptor> _bySymbol = [];

    public Reflection(IEnumerable<ServiceDescriptor> services)
    {
        foreach (var service in services)
        {
            _services.Add(service.FullName);
            Add(service.File);
        }
    }

    /// <summary>One answer to each request; what is not found is an answer too.</summary>
    public ValueTask<Result<ServerReflectionResponse>> Answer(ServerReflectionRequest request, Call call)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                var names = _services.Select(name => new ServiceResponse { Name = name });
                response.ListServicesResponse = new ListServiceResponse { Service = { names } };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AnswerFile(response, _byName.GetValueOrDefault(request.FileByFilename), request.FileByFilename);
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                var symbol = request.FileContainingSymbol;
                AnswerFile(response, _bySymbol.GetValueOrDefault(symbol), symbol);
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType
                when _bySymbol.ContainsKey(request.AllExtensionNumbersOfType):
                response.AllExtensionNumbersResponse =
                    new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.None:
                response.ErrorResponse = Error(GrpcStatus.InvalidArgument, "The request asks for nothing.");
                break;
            default:
                response.ErrorResponse = Error(GrpcStatus.NotFound, "There are no such extensions.");
                break;
        }

        return new(response);
    }

    private static void AnswerFile(ServerReflectionResponse response, FileDescriptor? file, string asked)
    {
        if (file is null)
        {
            response.ErrorResponse = Error(GrpcStatus.NotFound, $"There is no '{asked}'.");
            return;
        }

        // With all it imports, dependencies first, so that no tool has to ask again.
        var files = new List<FileDescriptor>();
        Collect(file, files);
        response.FileDescriptorResponse = new FileDescriptorResponse
        {
            FileDescriptorProto = { files.Select(one => one.SerializedData) },
        };
    }

    private static void Collect(FileDescriptor file, List<FileDescriptor> into)
    {
        if (!into.Contains(file))
        {
            foreach (var dependency in file.Dependencies)
            {
                Collect(dependency, into);
            }

            into.Add(file);
        }
    }

    private static ErrorResponse Error(GrpcStatus status, string message) =>
        new() { ErrorCode = (int)status, ErrorMessage = message };

    private void Add(FileDescriptor file)
    {
        if (!_byName.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var service in file.Services)
        {
            _bySymbol[service.FullName] = file;
            foreach (var method in service.Methods)
            {
                _bySymbol[method.FullName] = file;
            }
        }

        AddTypes(file.MessageTypes, file.EnumTypes, file);
        foreach (var dependency in file.Dependencies)
        {
            Add(dependency);
        }
    }

    private void AddTypes(
        IEnumerable<MessageDescriptor> messages, IEnumerable<EnumDescriptor> enums, FileDescriptor file)
    {
        foreach (var one in enums)
        {
            _bySymbol[one.FullName] = file;
        }

        foreach (var message in messages)
        {
            _bySymbol[message.FullName] = file;
            AddTypes(message.NestedTypes, message.EnumTypes, file);
        }
    }
}
