import {userDataBytes,userDataScript,MAXIMUM_USER_DATA_BYTES} from "/work/wt/version/constructs/user-data";
const p={roleId:"AROAEXAMPLE0000000000",handoffTable:"acme-handoff",logGroup:"/acme/runners",architecture:"x64"} as any;
console.log(userDataBytes(p), MAXIMUM_USER_DATA_BYTES-3072, userDataBytes({...p,allowSudo:true,allowDocker:true}), MAXIMUM_USER_DATA_BYTES-2048);
if(process.argv[2]) console.log(userDataScript(p));
