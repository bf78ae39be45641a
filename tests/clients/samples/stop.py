import requests
headers = {
'X-CleverTap-Account-Id': 'ACCOUNT_ID',
'X-CleverTap-Passcode': 'PASSCODE',
'Content-Type': 'application/json',
}
data = '{ "id": 1457432766}'
response = requests.post('https://in1.api.clevertap.com/1/targets/stop.json', headers=headers, data=data)
